using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Telemetry;

namespace MeliProxy.RateLimiting;

/// <content>Figures for whoever listens to the meter.</content>
public sealed partial class QuotaLimiter<TResource> : ILimiterFigures
{
    private readonly LimiterInstruments _instruments;

    SharingStatus? ILimiterFigures.GetSharingStatus() => _options.Sharing?.GetStatus();
}
