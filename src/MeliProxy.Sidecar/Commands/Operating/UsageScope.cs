using System.CommandLine;
using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>Of which rule and of which sidecars usage is told.</summary>
internal sealed class UsageScope
{
    private readonly Argument<string?> _rule = new("RULE") { Description = "Only of this rule", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<bool> _nodeOnly = CreateNodeOnly();

    public static Option<bool> CreateNodeOnly() => new("--node-only")
    {
        Description = "Of the sidecar that answers alone, and not of all of its domain together",
    };

    public void AddTo(Command command)
    {
        command.Add(_rule);
        command.Add(_nodeOnly);
    }

    public JsonObject Body(Conversation talk)
    {
        JsonObject body = [];
        if (talk.Get(_rule) is { } rule)
        {
            body["rule"] = rule;
        }

        if (talk.Get(_nodeOnly))
        {
            body["scope"] = "node";
        }

        return body;
    }
}
