namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>Which part of a point is being written.</summary>
internal enum PointPart
{
    None,
    Tags,
    Fields,
}
