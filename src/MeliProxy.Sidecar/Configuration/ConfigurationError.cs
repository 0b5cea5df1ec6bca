namespace MeliProxy.Sidecar.Configuration;

/// <summary>Something that is wrong with a setting, or worth a note if it is among the warnings.</summary>
/// <param name="Path">Which setting: a JSON path such as <c>$.rules[0].limit</c>.</param>
/// <param name="Message">What is wrong and what would be right, in one sentence without a final stop. Never holds a secret.</param>
/// <param name="Origin">Where the setting comes from: <c>meliproxy.json:12</c>, <c>environment variable NAME</c> or <c>option --name</c>.</param>
internal sealed record ConfigurationError(string Path, string Message, string Origin)
{
    public override string ToString() => PrintableText.Of($"{Origin}: {Path}: {Message}");
}
