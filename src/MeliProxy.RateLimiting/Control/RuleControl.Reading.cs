using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <content>Commands that tell something.</content>
public sealed partial class RuleControl
{
    private const int MaxPage = 1000;
    private const int AuditPage = 50;

    private async Task<CommandReply> ReadAsync(string command, CommandBody body, CancellationToken cancellationToken)
    {
        if (!_store.IsCutOff)
        {
            try
            {
                await _store.RefreshAsync(cancellationToken);
            }
            catch (RuleStoreException)
            {
                // What is known is told, and that it may not be the latest.
            }
        }

        return Read(command, body);
    }

    private CommandReply Read(string command, CommandBody body)
    {
        List<RuleError> errors = [];
        JsonMembers members = new(body.Own, "$", errors);
        RuleDocument document = Document;
        Func<CommandReply> reply = command switch
        {
            CommandNames.RulesList => ListRules(document, members),
            CommandNames.RulesGet => GetRule(document, members),
            CommandNames.OverridesList => ListOverrides(document, members),
            _ => ListAudit(document, members),
        };
        members.RejectUnknown();
        CommandException.ThrowIfAny(CommandError.InvalidRequest, errors);
        return reply();
    }

    private Func<CommandReply> ListRules(RuleDocument document, JsonMembers members)
    {
        int? limit = ReadLimit(members);
        string? after = members.ReadString("after");
        return () =>
        {
            RuleContent content = document.Content;
            int start = after is null ? 0 : content.IndexOf(after) + 1;
            if (after is not null && start == 0)
            {
                throw new CommandException(CommandError.UnknownRule, OverrideValidation.DescribeMissing(after, content.RuleNames), "$.after");
            }

            RateLimitRule[] page = [.. content.Rules.Skip(start).Take(limit ?? int.MaxValue)];
            bool isLast = start + page.Length >= content.Rules.Count;
            bool isWhole = limit is null && after is null;
            return new CommandReply(document.Revision, writer =>
            {
                writer.WriteStartObject("source");
                writer.WriteString("store", _store.Kind);
                writer.WriteBoolean("isCutOff", _store.IsCutOff);
                if (Problem is { } problem)
                {
                    writer.WriteString("problem", problem);
                }

                writer.WriteEndObject();
                if (isWhole)
                {
                    content.WriteMembers(writer);
                    document.WriteScheduled(writer);
                    return;
                }

                writer.WriteStartArray("rules");
                foreach (RateLimitRule rule in page)
                {
                    RuleJson.WriteRule(writer, rule);
                }

                writer.WriteEndArray();
                if (!isLast)
                {
                    writer.WriteString("next", page[^1].Name);
                }
            });
        };
    }

    private static Func<CommandReply> GetRule(RuleDocument document, JsonMembers members)
    {
        string? name = members.ReadString("name", required: true);
        return () =>
        {
            int index = document.Content.IndexOf(name!);
            return index >= 0
                ? new CommandReply(document.Revision, writer =>
                {
                    writer.WritePropertyName("rule");
                    RuleJson.WriteRule(writer, document.Content.Rules[index]);
                })
                : throw new CommandException(
                    CommandError.UnknownRule, OverrideValidation.DescribeMissing(name, document.Content.RuleNames), "$.name");
        };
    }

    /// <remarks>Where a page ends is told by the count of overrides before, as an order by key would be no order for people.</remarks>
    private static Func<CommandReply> ListOverrides(RuleDocument document, JsonMembers members)
    {
        int? limit = ReadLimit(members);
        string? rule = members.ReadString("rule");
        IReadOnlyList<string> key = members.ReadStrings("key");
        int start = int.TryParse(members.ReadString("after"), out int given) && given > 0 ? given : 0;
        return () =>
        {
            RuleContent content = document.Content;
            if (rule is not null && content.IndexOf(rule) < 0)
            {
                throw new CommandException(CommandError.UnknownRule, OverrideValidation.DescribeMissing(rule, content.RuleNames), "$.rule");
            }

            RuleOverride[] all =
                [.. content.Overrides.Where(value => (rule is null || value.Rule == rule) && (key.Count == 0 || value.Key.SequenceEqual(key)))];
            if (key.Count > 0 && all.Length == 0)
            {
                throw new CommandException(CommandError.UnknownOverride, "there is no override for this key", "$.key");
            }

            RuleOverride[] page = [.. all.Skip(start).Take(limit ?? int.MaxValue)];
            return new CommandReply(document.Revision, writer =>
            {
                writer.WriteStartArray("overrides");
                foreach (RuleOverride value in page)
                {
                    RuleJson.WriteOverride(writer, value);
                }

                writer.WriteEndArray();
                if (start + page.Length < all.Length)
                {
                    writer.WriteString("next", $"{start + page.Length}");
                }
            });
        };
    }

    private static Func<CommandReply> ListAudit(RuleDocument document, JsonMembers members)
    {
        int limit = ReadLimit(members) ?? AuditPage;
        long before = members.ReadInteger("before") ?? long.MaxValue;
        return () =>
        {
            AuditEntry[] all = [.. document.History.Reverse().Where(entry => entry.Revision < before)];
            AuditEntry[] page = [.. all.Take(limit)];
            return new CommandReply(document.Revision, writer =>
            {
                writer.WriteStartArray("entries");
                foreach (AuditEntry entry in page)
                {
                    entry.Write(writer);
                }

                writer.WriteEndArray();
                if (page.Length < all.Length)
                {
                    writer.WriteNumber("next", page[^1].Revision);
                }
            });
        };
    }

    private static int? ReadLimit(JsonMembers members)
    {
        long? limit = members.ReadInteger("limit");
        if (limit is < 1 or > MaxPage)
        {
            members.Error("limit", $"must be from 1 to {MaxPage}");
            return null;
        }

        return (int?)limit;
    }
}
