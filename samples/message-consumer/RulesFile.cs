using System.Text.Json;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;

namespace MessageConsumer;

/// <summary>Rules in a JSON file, where they can use this program's own key parts.</summary>
internal static class RulesFile
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads the rules, and checks that their key parts are among those of <paramref name="options"/>.</summary>
    /// <exception cref="InvalidRulesException">Says everything that is wrong, each with its JSON path.</exception>
    public static IReadOnlyList<RateLimitRule> Read(string path, QuotaLimiterOptions<Message> options)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path), WithComments);
        List<RuleError> errors = [];
        IReadOnlyList<RateLimitRule> rules = RuleJson.ReadRules(document.RootElement.GetProperty("rules"), "$.rules", errors);
        options.CheckKeysAndMatches(rules, "$.rules", errors);
        return errors.Count == 0 ? rules : throw new InvalidRulesException(errors);
    }
}
