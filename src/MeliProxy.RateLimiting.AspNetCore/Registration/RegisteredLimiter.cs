using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MeliProxy.RateLimiting.AspNetCore.Registration;

/// <summary>Makes the limiter of a container from all that was registered for it, and ends what watches over its rules.</summary>
internal sealed class RegisteredLimiter : IDisposable
{
    private readonly ConfiguredRules? _configured;

    /// <exception cref="InvalidRulesException">A rule or a section of configuration is wrong.</exception>
    /// <exception cref="OptionsValidationException">Another option is out of its range.</exception>
    public RegisteredLimiter(IServiceProvider services)
    {
        ILogger logger = LoggerOf(services);
        TimeProvider time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        QuotaLimiterOptions<HttpContext> options =
            HttpQuota.CreateOptions(services.GetRequiredService<ClientAddressResolver>(), logger, time);
        options.MeterFactory = services.GetService<IMeterFactory>();
        QuotaLimiterSetup[] setups = [.. services.GetServices<QuotaLimiterSetup>()];
        foreach (QuotaLimiterSetup setup in setups)
        {
            setup.Configure?.Invoke(options);
        }

        // Rules of configuration may use key parts that code adds, so they come after it.
        if (Array.Find(setups, setup => setup.Section is not null) is { Section: { } section })
        {
            _configured = new ConfiguredRules(section, options, services, logger);
        }

        Limiter = Create(options);
        _configured?.Watch(Limiter);
    }

    /// <summary>The limiter, which the container disposes of.</summary>
    public QuotaLimiter<HttpContext> Limiter { get; }

    public static ILogger LoggerOf(IServiceProvider services) =>
        services.GetService<ILoggerFactory>()?.CreateLogger("MeliProxy.RateLimiting") ?? NullLogger.Instance;

    public void Dispose() => _configured?.Dispose();

    private static QuotaLimiter<HttpContext> Create(QuotaLimiterOptions<HttpContext> options)
    {
        try
        {
            return new QuotaLimiter<HttpContext>(options);
        }
        catch (ArgumentException e) when (e is not InvalidRulesException)
        {
            throw new OptionsValidationException(nameof(QuotaLimiterOptions<>), typeof(QuotaLimiterOptions<HttpContext>), [e.Message]);
        }
    }
}
