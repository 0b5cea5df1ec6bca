namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>One thing that is wrong with a command, as the answer says.</summary>
/// <param name="Code">The code, such as <c>invalid-rule</c>.</param>
/// <param name="Path">The JSON path of what is wrong; empty if it is the command as a whole.</param>
/// <param name="Message">The reason in words.</param>
internal sealed record ControlError(string Code, string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? $"{Code}: {Message}" : $"{Code} at {Path}: {Message}";
}
