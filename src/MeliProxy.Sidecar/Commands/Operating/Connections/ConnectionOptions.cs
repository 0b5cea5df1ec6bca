using System.CommandLine;
using System.CommandLine.Parsing;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>The options that say whom a command asks, shared by the commands that operate running sidecars.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>The same variable gives a sidecar its token, so that commands beside it find it.</summary>
    public const string TokenVariable = "MELIPROXY__ADMIN__TOKEN";

    private readonly Option<string> _admin = new("--admin")
    {
        Description = "Ask by the admin listener of a running sidecar",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://127.0.0.1:8081",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"Its token, if it has one. Others can see options; better set the variable {TokenVariable}",
        HelpName = "TOKEN",
    };

    private readonly Option<string?> _nats = new("--nats")
    {
        Description = "Ask by a NATS server instead, which may be written with user:password@",
        HelpName = "URL",
    };

    private readonly Option<string> _domain = new("--domain")
    {
        Description = "With --nats: the sidecars that share",
        HelpName = "NAME",
        DefaultValueFactory = _ => "default",
    };

    private readonly Option<string?> _credentials = new("--nats-credentials") { Description = "With --nats: a credentials file", HelpName = "FILE" };

    private readonly Option<string?> _authority = new("--ca")
    {
        Description = "PEM file of whom to trust for https or tls, instead of whom the system trusts",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certificate = new("--cert") { Description = "PEM file to show who asks, for https or tls", HelpName = "FILE" };

    private readonly Option<string?> _key = new("--cert-key") { Description = "PEM file of its key", HelpName = "FILE" };

    private Option[] All => [_admin, _token, _nats, _domain, _credentials, _authority, _certificate, _key];

    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Makes a client of who is meant.</summary>
    /// <exception cref="AdminException">The options cannot be used.</exception>
    public IControlClient CreateClient(ParseResult parsed)
    {
        RefuseOptionsOfRun(parsed);
        if (IsGiven(parsed, _certificate) != IsGiven(parsed, _key))
        {
            throw new AdminException("--cert and --cert-key go together");
        }

        ClientCertificates certificates = new(parsed.GetValue(_authority), parsed.GetValue(_certificate), parsed.GetValue(_key));
        if (parsed.GetValue(_nats) is { } nats)
        {
            RefuseGiven(parsed, "--nats is another way to ask; give one", _admin, _token);
            return new NatsControlClient(nats, parsed.GetValue(_domain)!, parsed.GetValue(_credentials), certificates);
        }

        RefuseGiven(parsed, "takes --nats", _domain, _credentials);
        string? token = parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable(TokenVariable);
        return new AdminClient(parsed.GetValue(_admin)!, string.IsNullOrEmpty(token) ? null : token, certificates);
    }

    /// <summary>
    /// The root command takes options of the same names for the sidecar that it runs. Before the command they would be taken for those,
    /// and another sidecar be changed than the one that was meant.
    /// </summary>
    private static void RefuseOptionsOfRun(ParseResult parsed)
    {
        if (parsed.RootCommandResult.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit) is { } misplaced)
        {
            throw new AdminException($"{misplaced.Option.Name} must come after the command");
        }
    }

    private static void RefuseGiven(ParseResult parsed, string reason, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (IsGiven(parsed, option))
            {
                throw new AdminException($"{option.Name}: {reason}");
            }
        }
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
