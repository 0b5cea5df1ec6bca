using System.Net;
using System.Text.Json;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <summary>Reads settings strictly. Its result is to be used only if no error was added.</summary>
internal sealed partial class SidecarConfigurationReader
{
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly SettingsSection _root;
    private readonly ICollection<RuleError> _errors;
    private readonly ICollection<RuleError> _warnings;

    /// <param name="root">The settings, without unknown names.</param>
    /// <param name="folder">Where relative file names start from.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="warnings">Receives what is worth a note.</param>
    public SidecarConfigurationReader(
        JsonElement root, string folder, ICollection<RuleError> errors, ICollection<RuleError> warnings)
    {
        _root = new SettingsSection(root, "$", folder, errors);
        _errors = errors;
        _warnings = warnings;
    }

    public SidecarConfiguration Read()
    {
        _root.Members.ReadString("$schema");
        IReadOnlyList<(string Name, ListenAddress Address)> listen = ReadListen();
        IReadOnlyList<RateLimitRule> rules = ReadRules();
        SidecarConfiguration configuration = new()
        {
            Listen = [.. listen.Select(l => l.Address)],
            Tls = ReadTls(listen),
            Admin = ReadAdmin(listen),
            Upstream = ReadUpstream(),
            ReverseProxy = ReadReverseProxy(),
            Forwarding = ReadForwarding(),
            ClientIp = ReadClientIp(),
            Rules = rules,
            Overrides = ReadOverrides(rules),
            Mode = _root.Members.ReadChoice("mode", [("enforce", RuleMode.Enforce), ("shadow", RuleMode.Shadow)], RuleMode.Enforce),
            RulesFile = _root.ReadPath("rulesFile") ?? (_root.IsNull("rulesFile") ? null : _root.FullPath("meliproxy-rules.json")),
            Limits = ReadLimits(),
            Sharing = ReadSharing(),
            State = _root.ReadText("state") ?? (_root.IsNull("state") ? null : "meliproxy-state.bin"),
            Usage = ReadUsage(),
            Telemetry = ReadTelemetry(),
            Logging = ReadLogging(),
        };
        _root.Members.RejectUnknown();
        WarnOfUnshared(configuration);
        return configuration;
    }

    private ForwardingConfiguration ReadForwarding()
    {
        SettingsSection section = _root.ReadSection("forwarding");
        ForwardingConfiguration forwarding = new(
            section.ReadDuration("connectTimeout", TimeSpan.FromSeconds(5), MinTimeout, MaxTimeout),
            section.ReadDuration("activityTimeout", TimeSpan.FromSeconds(100), MinTimeout, MaxTimeout),
            section.ReadFile("certificateAuthority"),
            section.Members.ReadBoolean("direct") ?? true);
        if (forwarding.CertificateAuthority is { } file && !CertificateFiles.HoldCertificates(file))
        {
            section.Members.Error("certificateAuthority", $"the file '{file}' holds no certificate in PEM form");
        }

        section.Members.RejectUnknown();
        return forwarding;
    }

    private ClientIpConfiguration ReadClientIp()
    {
        SettingsSection section = _root.ReadSection("clientIp");
        List<IPNetwork> networks = [];
        foreach ((string name, string text) in section.ReadTexts("trustedProxies"))
        {
            if (IPText.TryParseNetwork(text, out IPNetwork network, out string? error))
            {
                networks.Add(network);
            }
            else
            {
                section.Members.Error(name, error);
            }
        }

        ClientIpConfiguration clientIp = new(
            networks,
            (int)section.ReadInteger("ipv6PrefixLength", absent: 64, min: 0, max: 128),
            section.Members.ReadChoice(
                "header",
                [("auto", ForwardedHeader.Auto), ("x-forwarded-for", ForwardedHeader.XForwardedFor), ("forwarded", ForwardedHeader.Forwarded)],
                ForwardedHeader.Auto));
        section.Members.RejectUnknown();
        return clientIp;
    }

    private LimitsConfiguration ReadLimits()
    {
        SettingsSection section = _root.ReadSection("limits");
        LimitsConfiguration limits = new(
            (int)section.ReadInteger("maxKeys", absent: 1_000_000, min: 1, QuotaLimiterOptions<HttpContext>.MaxMaxKeys),
            section.Members.ReadChoice(
                "whenFull",
                [("admit", KeyCapBehavior.Admit), ("reject", KeyCapBehavior.Reject), ("overflow", KeyCapBehavior.Overflow)],
                KeyCapBehavior.Admit),
            (int)section.ReadInteger("maxQueued", absent: 10_000, min: 0, QuotaLimiterOptions<HttpContext>.MaxMaxQueued));
        section.Members.RejectUnknown();
        return limits;
    }

    private LoggingConfiguration ReadLogging()
    {
        SettingsSection section = _root.ReadSection("logging");
        LoggingConfiguration logging = new(
            section.Members.ReadChoice(
                "level",
                [
                    ("trace", LogLevel.Trace),
                    ("debug", LogLevel.Debug),
                    ("information", LogLevel.Information),
                    ("warning", LogLevel.Warning),
                    ("error", LogLevel.Error),
                    ("none", LogLevel.None),
                ],
                LogLevel.Information),
            section.Members.ReadChoice("format", [("text", LogFormat.Text), ("json", LogFormat.Json)], LogFormat.Text));
        section.Members.RejectUnknown();
        return logging;
    }

    private void Warn(string name, string message) => _warnings.Add(new RuleError($"{_root.Path}.{name}", message));
}
