using Yarp.ReverseProxy.Forwarder;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>How a request failed that went straight to an upstream, for those who ask how forwarding went.</summary>
/// <param name="exception">What went wrong.</param>
/// <param name="isAnswered">Whether the head of an answer had come.</param>
/// <param name="upstream">The address of the upstream.</param>
internal sealed class DirectFailure(UpstreamFaultException exception, bool isAnswered, string upstream) : IForwarderErrorFeature
{
    public UpstreamFault Fault => exception.Fault;

    public Exception Exception => exception;

    public string Upstream => upstream;

    /// <summary>Whether the head of an answer had come.</summary>
    public bool IsAnswered => isAnswered;

    /// <summary>Its name in metrics and logs.</summary>
    public string Reason => UpstreamFaultNames.Of(Fault);

    /// <summary>It in YARP's words.</summary>
    public ForwarderError Error => Fault switch
    {
        UpstreamFault.ConnectTimeout => ForwarderError.RequestTimedOut,
        UpstreamFault.TimedOut => isAnswered ? ForwarderError.ResponseBodyCanceled : ForwarderError.RequestTimedOut,
        UpstreamFault.ClientLeft => isAnswered ? ForwarderError.ResponseBodyCanceled : ForwarderError.RequestCanceled,
        UpstreamFault.RequestBodyFailed or UpstreamFault.RequestBodyStalled => ForwarderError.RequestBodyClient,
        UpstreamFault.RequestNotTaken => ForwarderError.RequestBodyDestination,
        _ => isAnswered ? ForwarderError.ResponseBodyDestination : ForwarderError.Request,
    };

    /// <summary>What the client is answered, if it can be.</summary>
    public int StatusCode => Fault switch
    {
        UpstreamFault.ConnectTimeout or UpstreamFault.TimedOut => StatusCodes.Status504GatewayTimeout,
        UpstreamFault.RequestBodyStalled => StatusCodes.Status408RequestTimeout,
        UpstreamFault.RequestBodyFailed => exception.InnerException is BadHttpRequestException bad
            ? bad.StatusCode
            : StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status502BadGateway,
    };
}
