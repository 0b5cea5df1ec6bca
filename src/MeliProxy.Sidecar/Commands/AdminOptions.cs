using System.CommandLine;

namespace MeliProxy.Sidecar.Commands;

/// <summary>The options that say which running sidecar a command asks, shared by the commands that operate one.</summary>
internal sealed class AdminOptions
{
    /// <summary>The same variable gives a sidecar its token, so that commands beside it find it.</summary>
    public const string TokenVariable = "MELIPROXY__ADMIN__TOKEN";

    public Option<string> Admin { get; } = new("--admin")
    {
        Description = "The admin listener of a running sidecar",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://127.0.0.1:8081",
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = $"Its token, if it has one. Others can see options; better set the variable {TokenVariable}",
        HelpName = "TOKEN",
    };

    public void AddTo(Command command)
    {
        command.Add(Admin);
        command.Add(Token);
    }

    /// <summary>Makes a client of the sidecar that is meant.</summary>
    /// <exception cref="AdminException">The options cannot be used.</exception>
    public AdminClient CreateClient(ParseResult parsed)
    {
        string? token = parsed.GetValue(Token) ?? Environment.GetEnvironmentVariable(TokenVariable);
        return new AdminClient(parsed.GetValue(Admin)!, string.IsNullOrEmpty(token) ? null : token);
    }
}
