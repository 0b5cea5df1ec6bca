using System.Diagnostics;
using OpenTelemetry.Trace;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Decides which traces are recorded: those whose client says so, and a share of those that begin with a request here.</summary>
/// <remarks>What the process asks for itself, such as to write to a database, begins no trace.</remarks>
internal sealed class RequestSampler : Sampler
{
    private readonly ParentBasedSampler _sampler;

    /// <param name="share">The share of traces that begin here, 0 to 1.</param>
    public RequestSampler(double share) => _sampler = new ParentBasedSampler(new TraceIdRatioBasedSampler(share));

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Kind != ActivityKind.Server && samplingParameters.ParentContext.TraceId == default
            ? new SamplingResult(SamplingDecision.Drop)
            : _sampler.ShouldSample(samplingParameters);
}
