using System.CommandLine;
using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>The options that any change takes.</summary>
/// <param name="takesTtl">Whether it can be made for a time only.</param>
internal sealed class ChangeOptions(bool takesTtl)
{
    private readonly Option<long?> _expectedRevision = new("--expected-revision")
    {
        Description = "Change it only if the rules are still at this revision; exit code 3 if not",
        HelpName = "N",
    };

    private readonly Option<string?> _effectiveAt = new("--effective-at")
    {
        Description = "When it is to take effect, such as 2026-12-01T06:00:00Z",
        HelpName = "MOMENT",
    };

    private readonly Option<string?> _ttl = new("--ttl")
    {
        Description = "For how long, such as 10m; then what was there before is back",
        HelpName = "DURATION",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what would change" };

    public void AddTo(Command command)
    {
        command.Add(_expectedRevision);
        command.Add(_effectiveAt);
        if (takesTtl)
        {
            command.Add(_ttl);
        }

        command.Add(_dryRun);
    }

    /// <summary>Says in a body what was given, and who asks.</summary>
    public void Write(ParseResult parsed, JsonObject body)
    {
        if (parsed.GetValue(_expectedRevision) is { } revision)
        {
            body["expectedRevision"] = revision;
        }

        if (parsed.GetValue(_effectiveAt) is { } moment)
        {
            body["effectiveAt"] = moment;
        }

        if (takesTtl && parsed.GetValue(_ttl) is { } ttl)
        {
            body["ttl"] = ttl;
        }

        if (parsed.GetValue(_dryRun))
        {
            body["dryRun"] = true;
        }

        body["by"] = Author();
    }

    /// <summary>Who asks, for the record. It is a courtesy and no proof: whoever may send commands may claim anything.</summary>
    private static string Author() =>
        $"{(Environment.UserName is { Length: > 0 } user ? user : "somebody")}@{Environment.MachineName}";
}
