using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Connections;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>The members of a rule that can be set by options. The others need the rule as JSON.</summary>
internal sealed class RuleSettings
{
    private readonly Option<long?> _limit = new("--limit") { Description = "Permits per window", HelpName = "N" };

    private readonly Option<string?> _window = new("--window") { Description = "Such as 1s, 250ms or 1d", HelpName = "DURATION" };

    private readonly Option<long?> _burst = new("--burst") { Description = "What an idle key can save up", HelpName = "N" };

    private readonly Option<string?> _mode = new("--mode")
    {
        Description = "enforce, or shadow to reject nothing",
        HelpName = "MODE",
        CompletionSources = { "enforce", "shadow" },
    };

    private readonly Option<string?> _scope = new("--scope")
    {
        Description = "local, or shared by the sidecars of the domain",
        HelpName = "SCOPE",
        CompletionSources = { "local", "shared" },
    };

    private readonly Option<string?> _algorithm = new("--algorithm")
    {
        Description = "token-bucket, fixed-window, sliding-window or concurrency",
        HelpName = "NAME",
        CompletionSources = { "token-bucket", "fixed-window", "sliding-window", "concurrency" },
    };

    private readonly Option<string[]> _key = new("--key")
    {
        Description = "What is counted by, such as client-ip, path or header:NAME; one or more",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
        CompletionSources = { "client-ip", "path", "route", "method", "host", "header:", "query:", "cookie:", "global", OptionsToFollow },
    };

    private readonly Option<string?> _path = new("--path") { Description = "Only requests to paths of this pattern", HelpName = "PATTERN" };

    private Option[] All => [_limit, _window, _burst, _mode, _scope, _algorithm, _key, _path];

    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    public bool AnyIsGiven(Conversation talk) => All.Any(talk.IsGiven);

    /// <exception cref="AdminException">Something is missing that a rule cannot be without.</exception>
    public void RequireForNew(Conversation talk, string name)
    {
        // Whether other algorithms need a window depends on a calendar, which options do not set.
        Option[] needed = talk.Get(_algorithm) == "concurrency" ? [_key, _limit] : [_key, _limit, _window];
        string[] missing = [.. needed.Where(option => !talk.IsGiven(option)).Select(option => option.Name)];
        if (missing.Length > 0)
        {
            throw new AdminException(
                $"there is no rule {PrintableText.Of(name)}; to add it, say {string.Join(" and ", missing)} too");
        }
    }

    /// <summary>Sets in a rule what was given.</summary>
    public void Apply(Conversation talk, JsonObject rule)
    {
        if (talk.IsGiven(_key))
        {
            rule["key"] = new JsonArray([.. talk.Get(_key)!.Select(part => (JsonNode?)part)]);
        }

        SetText(talk, _algorithm, rule, "algorithm");
        SetNumber(talk, _limit, rule, "limit");
        SetText(talk, _window, rule, "window");
        SetNumber(talk, _burst, rule, "burst");
        SetText(talk, _scope, rule, "scope");
        SetText(talk, _mode, rule, "mode");
        if (talk.Get(_path) is { } path)
        {
            if (rule["match"] is not JsonObject match)
            {
                rule["match"] = match = [];
            }

            match["path"] = path;
        }
    }

    private static void SetText(Conversation talk, Option<string?> option, JsonObject rule, string name)
    {
        if (talk.Get(option) is { } value)
        {
            rule[name] = value;
        }
    }

    private static void SetNumber(Conversation talk, Option<long?> option, JsonObject rule, string name)
    {
        if (talk.Get(option) is { } value)
        {
            rule[name] = value;
        }
    }

    /// <summary>After an option that takes any number of words no other option would be suggested, although one can follow.</summary>
    private static IEnumerable<string> OptionsToFollow(CompletionContext context) =>
        context.WordToComplete.StartsWith('-') ? context.ParseResult.CommandResult.Command.Options.Select(option => option.Name) : [];
}
