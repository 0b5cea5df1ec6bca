namespace MeliProxy.RateLimiting.Rules;

/// <summary>What a shared rule does while its process is cut off from the others, once it has spent the leases that it holds.</summary>
public enum PartitionBehavior
{
    /// <summary>Gives out the limit divided by the number of members last known, all of it if none was ever known. In configuration: <c>share</c>.</summary>
    Share,

    /// <summary>Gives out the whole limit, as a local rule would. In configuration: <c>local</c>.</summary>
    Local,

    /// <summary>Lets everything pass. In configuration: <c>open</c>.</summary>
    Open,

    /// <summary>Rejects everything, so that all members together keep to the limit whatever fails. In configuration: <c>closed</c>.</summary>
    Closed,
}
