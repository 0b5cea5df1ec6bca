using MeliProxy.RateLimiting.Control.Changes;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <content>How one document becomes the next.</content>
public sealed partial class RuleDocument
{
    /// <summary>The document at a moment: with the scheduled changes in it that have come due.</summary>
    /// <param name="now">The moment.</param>
    public RuleDocument At(DateTimeOffset now)
    {
        RuleDocument document = this;
        while (document.Scheduled is [var due, ..] && due.EffectiveAt <= now)
        {
            document = document.Take(due);
        }

        return document.Content.Overrides.Any(value => value.ExpiresAt <= now)
            ? document.Copy(document.Seed, document.IsFromConfiguration, document.Content.WithoutExpired(now))
            : document;
    }

    /// <summary>The document with a change made now.</summary>
    /// <param name="change">The change.</param>
    /// <param name="ttl">How long it lasts; <see langword="null"/>: for good.</param>
    /// <param name="author">Who makes it, and when.</param>
    /// <exception cref="CommandException">It cannot be made.</exception>
    internal RuleDocument With(RuleChange change, TimeSpan? ttl, ChangeAuthor author)
    {
        RuleChange made = ttl is { } life ? change.EndingAt(author.At + life) ?? change : change;
        RuleContent content = made.ApplyTo(Content);

        // What an end would bring back is not what there was before, if somebody has set it anew meanwhile; nor is it to end then.
        ScheduledChange[] obsolete =
        [
            .. Scheduled.Where(s => s.Ends is not null && s.Id != author.Id
                && (s.Change.Target == made.Target || s.Change.TargetIn(Content) != s.Change.TargetIn(content))),
        ];
        RuleChange? end = ttl is null
            ? null
            : Array.Find(obsolete, s => s.Change.Target == made.Target)?.Change ?? change.Reverse(Content);
        IReadOnlyList<RuleDifference> differences = ContentComparison.Compare(Content, content);
        if (differences.Count == 0 && obsolete.Length == 0 && end is null)
        {
            return this;
        }

        List<ScheduledChange> scheduled = [.. Scheduled.Where(s => s.Id != author.Id && !obsolete.Contains(s))];
        List<RuleDifference> all = [.. differences, .. obsolete.Select(s => RuleDifference.OfScheduled(s, isNew: false))];
        long lastId = LastId;
        if (end is not null)
        {
            ScheduledChange coming = new(++lastId, author.At + ttl!.Value, end, null, author.By, Revision + 1);
            scheduled.Add(coming);
            all.Add(RuleDifference.OfScheduled(coming, isNew: true));
        }

        return Next(content, scheduled, lastId, author, made.Command, all).CheckSize();
    }

    /// <summary>The document with a change to come.</summary>
    /// <exception cref="CommandException">It could not be made then.</exception>
    internal RuleDocument WithScheduled(RuleChange change, DateTimeOffset effectiveAt, TimeSpan? ttl, ChangeAuthor author)
    {
        if (Scheduled.Count >= MaxScheduled)
        {
            throw new CommandException(
                CommandError.TooLarge, $"{MaxScheduled} changes are scheduled, which is the most; cancel one first", "$.effectiveAt");
        }

        ScheduledChange coming = new(LastId + 1, effectiveAt, change, ttl, author.By, null);

        // An error about the change itself is to be told as that, not as one of the plan.
        RuleDocument then = At(effectiveAt);
        then.With(change, ttl, author with { At = effectiveAt });
        return Next(Content, [.. Scheduled, coming], coming.Id, author, change.Command, [RuleDifference.OfScheduled(coming, isNew: true)]).CheckSize();
    }

    /// <summary>The document without a scheduled change.</summary>
    /// <exception cref="CommandException">There is none of this id.</exception>
    internal RuleDocument WithoutScheduled(long id, ChangeAuthor author)
    {
        ScheduledChange coming = Scheduled.FirstOrDefault(s => s.Id == id)
            ?? throw new CommandException(CommandError.UnknownId, $"no change with the id {id} is scheduled", "$.id");
        return Next(
            Content, Scheduled.Where(s => s != coming), LastId, author, CommandNames.RulesCancel, [RuleDifference.OfScheduled(coming, isNew: false)]);
    }

    /// <summary>What the document said at a revision.</summary>
    /// <exception cref="CommandException">The history does not reach so far.</exception>
    internal RuleContent ContentAt(long revision, DateTimeOffset now)
    {
        // Each entry tells what it changed, and so what there was before it.
        long oldest = Revision - History.Reverse().TakeWhile(entry => !entry.IsCut).Count();
        if (revision > Revision || revision < Math.Max(oldest, 1))
        {
            throw new CommandException(
                CommandError.UnknownRevision,
                $"must be from {Math.Max(oldest, 1)} to {Revision}; older ones are not in the history any more",
                "$.revision");
        }

        RuleContent content = Content;
        foreach (AuditEntry entry in History.Reverse().TakeWhile(entry => entry.Revision > revision))
        {
            content = ContentComparison.TakeBack(content, entry.Changes);
        }

        return content.WithoutExpired(now);
    }

    /// <summary>Makes sure that all changes to come can still be made.</summary>
    /// <exception cref="CommandException">One cannot.</exception>
    internal void CheckScheduled()
    {
        RuleContent content = Content;
        foreach (ScheduledChange due in Scheduled)
        {
            try
            {
                content = due.Change.ApplyTo(content);
            }
            catch (CommandException e)
            {
                string moment = MomentText.Format(due.EffectiveAt);
                throw new CommandException(
                    CommandError.Conflict,
                    $"the change {due.Id} ({due.Change.Command}), scheduled for {moment}, would not be possible any more: {e.Errors[0]}; cancel it first");
            }
        }
    }

    /// <summary>The document with other rules, from the configuration.</summary>
    internal RuleDocument WithConfiguration(RuleContent content, ChangeAuthor author)
    {
        RuleDocument next = With(new ReplaceContent(content, CommandNames.RulesImport), null, author);
        string seed = FingerprintOf(content.ToRuleSet());
        return next.Seed == seed ? next : next.Copy(seed, IsFromConfiguration, next.Content);
    }

    /// <summary>Makes a scheduled change.</summary>
    private RuleDocument Take(ScheduledChange due)
    {
        string what = due.Ends is { } ends ? $"end of what revision {ends} made for a time" : $"scheduled as {due.Id}";
        ChangeAuthor author = new(due.EffectiveAt, due.By, AuditEntry.ViaSchedule, what, due.Id);
        RuleDocument next;
        try
        {
            next = With(due.Change, due.Ttl, author);
        }
        catch (CommandException e)
        {
            next = this;
            author = author with { Note = $"{what}; not possible: {e.Message}" };
        }

        // One that changes nothing has come all the same, and revisions are to tell so.
        return next != this ? next : Next(Content, Scheduled.Where(s => s != due), LastId, author, due.Change.Command, []);
    }

    private RuleDocument Next(
        RuleContent content,
        IEnumerable<ScheduledChange> scheduled,
        long lastId,
        ChangeAuthor author,
        string command,
        IReadOnlyList<RuleDifference> differences)
    {
        long revision = Revision + 1;
        AuditEntry entry = new(revision, author.At, author.By, author.Via, command, author.Note, differences);
        return new RuleDocument
        {
            Revision = revision,
            Id = Id,
            Seed = Seed,
            IsFromConfiguration = IsFromConfiguration && author.Via == AuditEntry.ViaConfiguration,
            Content = content,
            Scheduled = [.. scheduled.OrderBy(s => s.EffectiveAt).ThenBy(s => s.Id)],
            History = Trim([.. History, entry]),
            LastId = lastId,
            LastChanges = differences,
        };
    }

    private RuleDocument Copy(string seed, bool isFromConfiguration, RuleContent content) => new()
    {
        Revision = Revision,
        Id = Id,
        Seed = seed,
        IsFromConfiguration = isFromConfiguration,
        Content = content,
        Scheduled = Scheduled,
        History = History,
        LastId = LastId,
        LastChanges = LastChanges,
    };

    private static List<AuditEntry> Trim(List<AuditEntry> history)
    {
        int length = 0;
        int kept = 0;
        for (int i = history.Count - 1; i >= 0 && kept < MaxHistory; i--)
        {
            int own = LengthOf(history[i]);
            if (own > MaxHistoryLength / 2)
            {
                history[i] = history[i] with { Changes = [], IsCut = true };
                own = LengthOf(history[i]);
            }

            length += own;
            if (length > MaxHistoryLength - MaxHistoryLength / 16)
            {
                break;
            }

            kept++;
        }

        return history[^kept..];
    }

    private static int LengthOf(AuditEntry entry) => JsonText.BytesOf(entry.Write).Length + 1;

    private RuleDocument CheckSize()
    {
        int length = JsonText.BytesOf(WriteWithoutHistory).Length;
        return length <= MaxContentLength
            ? this
            : throw new CommandException(
                CommandError.TooLarge,
                $"the rules, overrides and scheduled changes would be {length / 1024} KiB long, and {MaxContentLength / 1024} KiB are the most");
    }
}
