using MeliProxy.RateLimiting.AspNetCore.Endpoints;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.RateLimiting.AspNetCore.Registration;

/// <summary>
/// The rules that a section of configuration gives a limiter, at the start and whenever it changes. A change for the worse changes nothing.
/// </summary>
internal sealed partial class ConfiguredRules : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IConfiguration _section;
    private readonly string _path;
    private readonly QuotaLimiterOptions<HttpContext> _options;
    private readonly IServiceProvider _services;
    private readonly ILogger _logger;
    private readonly RateLimitRule[] _otherRules;
    private readonly RuleOverride[] _otherOverrides;
    private readonly RuleMode _otherMode;
    private ReadOnlyMemory<byte> _latest;
    private QuotaConfiguration _inForce;
    private IDisposable? _watch;

    /// <summary>Reads the section and adds what it says to the options.</summary>
    /// <exception cref="InvalidRulesException">Something in the section is wrong; says all of it.</exception>
    public ConfiguredRules(
        IConfiguration section, QuotaLimiterOptions<HttpContext> options, IServiceProvider services, ILogger logger)
    {
        _section = section;
        _path = QuotaConfiguration.PathOf(section);
        _options = options;
        _services = services;
        _logger = logger;
        _otherRules = [.. options.Rules];
        _otherOverrides = [.. options.Overrides];
        _otherMode = options.Mode;
        _latest = ConfigurationJson.Write(section);
        List<RuleError> errors = [];
        _inForce = QuotaConfiguration.Read(_latest, _path, options, _otherRules, errors);
        if (errors.Count > 0)
        {
            throw new InvalidRulesException(errors);
        }

        foreach (RateLimitRule rule in _inForce.Rules)
        {
            options.Rules.Add(rule);
        }

        foreach (RuleOverride item in _inForce.Overrides)
        {
            options.Overrides.Add(item);
        }

        options.Mode = _inForce.Mode ?? options.Mode;
        options.MaxKeys = _inForce.MaxKeys ?? options.MaxKeys;
        options.KeyCap = _inForce.KeyCap ?? options.KeyCap;
        options.MaxQueued = _inForce.MaxQueued ?? options.MaxQueued;
    }

    /// <summary>Puts the rules of each later version of the section in force.</summary>
    public void Watch(QuotaLimiter<HttpContext> limiter)
    {
        _watch = ChangeToken.OnChange(_section.GetReloadToken, Apply, limiter);

        // It may have changed since it was read.
        Apply(limiter);
    }

    public void Dispose() => _watch?.Dispose();

    private void Apply(QuotaLimiter<HttpContext> limiter)
    {
        lock (_lock)
        {
            try
            {
                // Some sources announce a change twice, and a section hears of those elsewhere too.
                ReadOnlyMemory<byte> json = ConfigurationJson.Write(_section);
                if (!json.Span.SequenceEqual(_latest.Span))
                {
                    _latest = json;
                    Apply(json, limiter);
                }
            }
            catch (Exception e)
            {
                // Whoever changes the configuration is not to suffer for it.
                LogFailure(_logger, _path, e);
            }
        }
    }

    private void Apply(ReadOnlyMemory<byte> json, QuotaLimiter<HttpContext> limiter)
    {
        List<RuleError> errors = [];
        QuotaConfiguration read = QuotaConfiguration.Read(json, _path, _options, _otherRules, errors);
        RuleSet? rules = errors.Count == 0 ? Combine(read, errors) : null;
        if (rules is not null && _services.GetService<EndpointDataSource>() is { } endpoints)
        {
            errors.AddRange(EndpointRequirements.FindUnmet(endpoints.Endpoints, rules).Select(e => new RuleError($"{_path}.rules", e)));
        }

        if (rules is null || errors.Count > 0)
        {
            LogRefused(_logger, _path, string.Join(Environment.NewLine, errors));
            return;
        }

        limiter.Update(rules);
        LogChanged(_logger, _path, rules.Count);
        if (read.MaxKeys != _inForce.MaxKeys || read.KeyCap != _inForce.KeyCap || read.MaxQueued != _inForce.MaxQueued)
        {
            LogNeedsRestart(_logger, _path);
        }

        _inForce = read;
    }

    private RuleSet? Combine(QuotaConfiguration read, List<RuleError> errors)
    {
        try
        {
            return new RuleSet([.. _otherRules, .. read.Rules], [.. _otherOverrides, .. read.Overrides], read.Mode ?? _otherMode);
        }
        catch (InvalidRulesException e)
        {
            errors.AddRange(e.Errors);
            return null;
        }
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "The quota rules in {Path} have changed; {Count} are in force.")]
    private static partial void LogChanged(ILogger logger, string path, int count);

    [LoggerMessage(
        EventId = 4, Level = LogLevel.Error, Message = "The change of quota rules in {Path} is refused, and changes nothing:\n{Errors}")]
    private static partial void LogRefused(ILogger logger, string path, string errors);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "The quota rules in {Path} cannot be read, and stay as they are.")]
    private static partial void LogFailure(ILogger logger, string path, Exception exception);

    [LoggerMessage(
        EventId = 6,
        Level = LogLevel.Warning,
        Message = "The changes of maxKeys, keyCap and maxQueued in {Path} take effect when the application starts again.")]
    private static partial void LogNeedsRestart(ILogger logger, string path);
}
