namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>Where a setting comes from.</summary>
/// <param name="Text">In words.</param>
/// <param name="Order">Orders errors: a line of the file, or more for what overrides it.</param>
internal readonly record struct ConfigurationOrigin(string Text, int Order)
{
    public static ConfigurationOrigin Line(string file, int line) => new($"{file}:{line}", line);

    public static ConfigurationOrigin Variable(string name) => new($"environment variable {name}", int.MaxValue - 1);

    public static ConfigurationOrigin Option(string name) => new($"option {name}", int.MaxValue);
}
