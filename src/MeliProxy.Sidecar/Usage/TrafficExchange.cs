using System.Diagnostics.CodeAnalysis;
using MeliProxy.RateLimiting.Usage;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Usage;

/// <summary>What is to be recorded of a request while it is served.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The streams behind are the server's.")]
internal sealed class TrafficExchange
{
    private readonly RecordedResponse _response = new();
    private HttpContext _context = null!;
    private IHttpResponseBodyFeature _plainResponse = null!;
    private Stream? _plainRequest;
    private RecordedStream? _request;
    private IHttpUpgradeFeature? _plainUpgrade;
    private RecordedUpgrade? _upgrade;
    private IHttpExtendedConnectFeature? _plainConnect;
    private RecordedConnect? _connect;
    private long _bytesIn;
    private long _began;
    private long _forwardedAt;

    /// <summary>Whether nobody can hold any of it after the request, so that it can be used for another.</summary>
    public bool IsReusable => _request is null && _upgrade is null && _connect is null;

    public long BytesIn => _bytesIn + (_request?.BytesRead ?? 0) + (_upgrade?.BytesRead ?? 0) + (_connect?.BytesRead ?? 0);

    /// <summary>What is written in answer to HEAD is not sent.</summary>
    public long BytesOut => (HttpMethods.IsHead(_context.Request.Method) ? 0 : _response.BytesWritten)
        + (_upgrade?.BytesWritten ?? 0)
        + (_connect?.BytesWritten ?? 0);

    /// <summary>From the start of forwarding to the headers of the upstream's response.</summary>
    public TimeSpan? UpstreamTime { get; private set; }

    /// <summary>The route the request took, if it did not go through YARP.</summary>
    public string? RouteId { get; private set; }

    /// <summary>The request takes a route without YARP.</summary>
    public void Take(string routeId) => RouteId = routeId;

    /// <summary>Bytes of the request's body were read. Counts unless <see cref="WatchRequest"/> has them counted.</summary>
    public void Read(int bytes) => _bytesIn += _request is null ? bytes : 0;

    public void Begin(HttpContext context, TimeProvider time)
    {
        _began = time.GetTimestamp();
        _context = context;
        IFeatureCollection features = context.Features;
        _plainResponse = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _response.Begin(_plainResponse);
        features.Set<IHttpResponseBodyFeature>(_response);
        features.Set(this);
    }

    /// <summary>Counts from now on what others read of the request's body, and what goes over a connection that becomes another protocol's.</summary>
    public void WatchRequest()
    {
        IFeatureCollection features = _context.Features;
        if (features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
        {
            _plainRequest = _context.Request.Body;
            _context.Request.Body = _request = new RecordedStream(_plainRequest);
        }

        if (features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            _plainUpgrade = upgrade;
            features.Set<IHttpUpgradeFeature>(_upgrade = new RecordedUpgrade(upgrade));
        }

        if (features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            _plainConnect = connect;
            features.Set<IHttpExtendedConnectFeature>(_connect = new RecordedConnect(connect));
        }
    }

    /// <summary>The request is forwarded; also once more to another destination.</summary>
    public void Forward(TimeProvider time) => _forwardedAt = time.GetTimestamp();

    /// <summary>The headers of the upstream's response have come.</summary>
    public void Answer(TimeProvider time) => UpstreamTime = time.GetElapsedTime(_forwardedAt);

    /// <summary>Records the request, and gives back what it saw through this.</summary>
    /// <param name="route">The route it took.</param>
    /// <param name="statusClass">The class of its status.</param>
    /// <param name="time">The clock.</param>
    public void End(RecordedRoute route, int statusClass, TimeProvider time)
    {
        IFeatureCollection features = _context.Features;
        features.Set(_plainResponse);
        features.Set<TrafficExchange>(null);
        if (_plainRequest is not null)
        {
            _context.Request.Body = _plainRequest;
        }

        if (_plainUpgrade is not null)
        {
            features.Set(_plainUpgrade);
        }

        if (_plainConnect is not null)
        {
            features.Set(_plainConnect);
        }

        route.Record(statusClass, BytesIn, BytesOut, time.GetElapsedTime(_began), UpstreamTime);
        _response.End();
        UpstreamTime = null;
        RouteId = null;
        _bytesIn = 0;
        _context = null!;
        _plainResponse = null!;
    }
}
