using System.CommandLine;
using MeliProxy.Sidecar.Commands.Operating.Changes;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy rules</c>: reads and changes the rules of running sidecars.</summary>
internal static class RulesCommand
{
    public static Command Create()
    {
        Command command = new("rules", "Read and change the rules of running sidecars");
        command.Add(List());
        command.Add(Get());
        command.Add(RulesPutCommand.Create());
        command.Add(Delete());
        command.Add(RulesImportCommand.Create());
        command.Add(Export());
        command.Add(Mode());
        command.Add(Rollback());
        command.Add(Scheduled());
        command.Add(Cancel());
        return command;
    }

    private static OperatingCommand List()
    {
        PageOptions page = new();
        OperatingCommand command = new("list", "List rules, overrides and what is scheduled; with --limit, rules alone");
        page.AddTo(command);
        command.SetConversation(talk => talk.PrintAsync("rules.list", page.Write(talk, []), RulesText.Of));
        return command;
    }

    private static OperatingCommand Get()
    {
        Argument<string> name = Name();
        OperatingCommand command = new("get", "Print a rule as JSON, in the form that put takes") { name };
        command.SetConversation(talk => talk.PrintAsync("rules.get", new() { ["name"] = talk.Get(name) }, RulesText.OfOne));
        return command;
    }

    private static ChangeCommand Delete()
    {
        Argument<string> name = Name();
        ChangeCommand command = new("delete", "Remove a rule and its overrides") { name };
        command.SetChange("rules.delete", talk => new() { ["name"] = talk.Get(name) });
        return command;
    }

    private static OperatingCommand Export()
    {
        OperatingCommand command = new("export", "Print rules, overrides and mode as JSON, in the form that import takes");
        command.SetConversation(talk => talk.PrintAsync("rules.list", [], RulesText.Export));
        return command;
    }

    private static ChangeCommand Mode()
    {
        Argument<string> mode = new("MODE") { Description = "shadow: no rule rejects anything; enforce: each does as it says" };
        mode.AcceptOnlyFromAmong("enforce", "shadow");
        ChangeCommand command = new("mode", "Put all rules in shadow mode, or end that", takesTtl: true) { mode };
        command.SetChange("rules.mode", talk => new() { ["mode"] = talk.Get(mode) });
        return command;
    }

    private static ChangeCommand Rollback()
    {
        Argument<long> revision = new("REVISION") { Description = "The revision to go back to; audit lists them" };
        ChangeCommand command = new("rollback", "Make rules, overrides and mode what they were at a revision") { revision };
        command.SetChange("rules.rollback", talk => new() { ["revision"] = talk.Get(revision) });
        return command;
    }

    private static OperatingCommand Scheduled()
    {
        OperatingCommand command = new("scheduled", "List the changes that are to come");
        command.SetConversation(talk => talk.PrintAsync("rules.list", [], ScheduledText.OfAll));
        return command;
    }

    private static ChangeCommand Cancel()
    {
        Argument<long> id = new("ID") { Description = "Its id, as scheduled lists it" };
        ChangeCommand command = new("cancel", "Cancel a change that is to come") { id };
        command.SetChange("rules.cancel", talk => new() { ["id"] = talk.Get(id) });
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "The name of the rule" };
}
