using System.Text.Json;
using MeliProxy.RateLimiting.Control.Changes;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <content>Commands that change something.</content>
public sealed partial class RuleControl
{
    /// <summary>The most characters of differences in an answer, which is to fit into one message.</summary>
    private const int MaxChangesLength = 200_000;

    private static readonly TimeSpan FarthestChange = TimeSpan.FromDays(366);

    private async Task<CommandReply> ChangeAsync(
        string command, CommandBody body, CommandOrigin origin, CancellationToken cancellationToken)
    {
        // What is wrong with the change itself does not depend on the document, and is told first.
        RuleChange? change = command is CommandNames.RulesCancel or CommandNames.RulesRollback ? null : ReadChange(command, body.Own);
        long number = change is null ? ReadNumber(command, body) : 0;
        CheckTimes(command, body);

        // An old copy may say already what is asked for, or lack what it is about.
        await _store.RefreshAsync(cancellationToken);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            RuleDocument stored = _store.Document;
            DateTimeOffset now = Now();
            RuleDocument current = DocumentAt(now, stored);
            CheckExpected(body, current);
            ChangeAuthor author = new(now, AuthorOf(body, origin), origin.Via);
            RuleDocument next = Make(current, command, change, number, body, author);
            if (next == current)
            {
                return Reply(current, [], body, isNew: false);
            }

            next.CheckScheduled();
            IReadOnlyList<RuleDifference> differences = next.LastChanges;
            bool isNew = differences.Any(difference => difference is { Before: null, Kind: not RuleDifference.Scheduled });
            if (body.IsDryRun)
            {
                return Reply(current, differences, body, isNew: false);
            }

            if (await _store.TryReplaceAsync(stored, next, cancellationToken))
            {
                return Reply(next, differences, body, isNew);
            }
        }

        throw new RuleStoreException("others change the rules all the time; try again");
    }

    private RuleDocument Make(
        RuleDocument current, string command, RuleChange? change, long number, CommandBody body, ChangeAuthor author)
    {
        if (command == CommandNames.RulesCancel)
        {
            return current.WithoutScheduled(number, author);
        }

        if (command == CommandNames.RulesRollback)
        {
            change = new ReplaceContent(current.ContentAt(number, author.At), command);
            author = author with { Note = $"back to revision {number}" };
            CheckRules(((ReplaceContent)change).Content.Rules, "$.rules");
        }

        return body.EffectiveAt is { } moment
            ? current.WithScheduled(change!, moment, body.Ttl, author)
            : current.With(change!, body.Ttl, author);
    }

    private RuleChange ReadChange(string command, JsonElement own)
    {
        List<RuleError> errors = [];
        RuleChange change = RuleChangeJson.Read(command, own, "$", errors);
        CommandException.ThrowIfAny(
            command switch
            {
                CommandNames.RulesPut or CommandNames.RulesImport => CommandError.InvalidRule,
                CommandNames.OverridesPut => CommandError.InvalidOverride,
                _ => CommandError.InvalidRequest,
            },
            errors);
        switch (change)
        {
            case PutRule put:
                CheckRules([put.Rule], "");
                break;
            case ReplaceContent import:
                CheckRules(import.Content.Rules, "$.rules");
                break;
        }

        return change;
    }

    /// <summary>Checks what only the process knows that applies the rules, such as its key parts.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="path">The JSON path of the list; empty if there is one rule, which is the body itself.</param>
    private void CheckRules(IReadOnlyList<RateLimitRule> rules, string path)
    {
        List<RuleError> errors = [];
        _options.Check?.Invoke(rules, path, errors);
        CommandException.ThrowIfAny(
            CommandError.InvalidRule,
            path.Length > 0 ? errors : [.. errors.Select(error => error with { Path = "$" + error.Path["[0]".Length..] })]);
    }

    private static long ReadNumber(string command, CommandBody body)
    {
        string name = command == CommandNames.RulesCancel ? "id" : "revision";
        List<RuleError> errors = [];
        JsonMembers members = new(body.Own, "$", errors);
        long? number = members.ReadInteger(name, required: true);
        members.RejectUnknown();
        CommandException.ThrowIfAny(CommandError.InvalidRequest, errors);
        return number!.Value;
    }

    private void CheckTimes(string command, CommandBody body)
    {
        List<RuleError> errors = [];
        bool takesTtl = command is CommandNames.RulesPut or CommandNames.RulesMode or CommandNames.OverridesPut;
        if (body.Ttl is not null && !takesTtl)
        {
            errors.Add(new RuleError("$.ttl", $"is for {CommandNames.RulesPut}, {CommandNames.RulesMode} and {CommandNames.OverridesPut} only"));
        }

        if (body.EffectiveAt is { } moment)
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (command == CommandNames.RulesCancel)
            {
                errors.Add(new RuleError("$.effectiveAt", "cannot be given here; a change is cancelled at once"));
            }
            else if (moment <= now || moment > now + FarthestChange)
            {
                errors.Add(new RuleError("$.effectiveAt", $"must be in the future, and within {FarthestChange.Days} days"));
            }
        }

        CommandException.ThrowIfAny(CommandError.InvalidRequest, errors);
    }

    private static void CheckExpected(CommandBody body, RuleDocument current)
    {
        if (body.ExpectedRevision is { } expected && expected != current.Revision)
        {
            string by = current.History is [.., { By: { } name }] ? $", made by {name}" : "";
            throw new CommandException(
                CommandError.StaleRevision,
                $"the change is for revision {expected}, and revision {current.Revision} is in force{by}; read it and try again",
                "$.expectedRevision");
        }
    }

    /// <summary>What is known for sure, and what the command says of itself.</summary>
    private static string? AuthorOf(CommandBody body, CommandOrigin origin) => (origin.By, body.By) switch
    {
        ({ } known, { } said) => $"{known} ({said})",
        ({ } known, null) => known,
        (null, var said) => said,
    };

    private static CommandReply Reply(RuleDocument document, IReadOnlyList<RuleDifference> differences, CommandBody body, bool isNew)
    {
        bool isDryRun = body.IsDryRun;
        bool isCut = differences.Sum(difference => (long)(difference.Before?.Length ?? 0) + (difference.After?.Length ?? 0)) > MaxChangesLength;
        return new(document.Revision, writer =>
        {
            writer.WriteBoolean("changed", differences.Count > 0 && !isDryRun);
            writer.WriteBoolean("dryRun", isDryRun);
            if (isCut)
            {
                writer.WriteBoolean("isCut", true);
            }

            writer.WriteStartArray("changes");
            foreach (RuleDifference difference in isCut ? [] : differences)
            {
                difference.Write(writer);
            }

            writer.WriteEndArray();
        })
        {
            IsNew = isNew,
        };
    }
}
