namespace MeliProxy.SharingBench.Load;

/// <summary>One request and what became of it. Times are those of <see cref="Clock"/>, in nanoseconds.</summary>
/// <param name="Node">The proxy that was asked.</param>
/// <param name="Due">When the request was to be made.</param>
/// <param name="Sent">When it was written to the connection; 0 if it never was.</param>
/// <param name="Answered">When its answer had come; 0 if none has.</param>
/// <param name="Status">The status of the answer; 0 if there is none.</param>
public readonly record struct Sample(int Node, long Due, long Sent, long Answered, int Status)
{
    public bool IsAdmitted => Status == 200;

    public bool IsRejected => Status == 429;

    /// <summary>From when it was to be made, so that waiting for a connection counts.</summary>
    public double Milliseconds => (Answered - Due) / 1e6;
}
