using MeliProxy.RateLimiting.Telemetry;

namespace MeliProxy.RateLimiting;

/// <content>Figures for whoever listens to the meter.</content>
public sealed partial class QuotaLimiter<TResource> : ILimiterFigures
{
    private readonly LimiterInstruments _instruments;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _instruments.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        Dispose(disposing: true);
        return base.DisposeAsyncCore();
    }
}
