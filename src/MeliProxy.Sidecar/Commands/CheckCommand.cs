using System.CommandLine;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Hosting.Rules;

namespace MeliProxy.Sidecar.Commands;

/// <summary><c>meliproxy check</c>: says what is wrong with a configuration, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        RunOptions options = new();
        Command command = new("check", "Check a configuration; exit code 0 if it is good, 1 with every error if it is not");
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            ConfigurationResult result = await ConfigurationInput.LoadAsync(options.ToSources(parsed));
            if (result.Configuration is not { } configuration)
            {
                ConfigurationInput.PrintErrors(result.Errors, "a sidecar would not start with it");
                return 1;
            }

            foreach (ConfigurationError warning in result.Warnings)
            {
                Console.WriteLine($"warning: {warning}");
            }

            if (RuleFileNote.Of(configuration) is { } note)
            {
                Console.WriteLine($"note: {PrintableText.Of(note)}");
            }

            Console.WriteLine(
                $"Good: listens on {string.Join(", ", configuration.Listen)}, forwards to {configuration.DescribeUpstream()}, "
                + configuration.DescribeRules());
            return 0;
        });
        return command;
    }
}
