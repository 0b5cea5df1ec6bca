namespace MeliProxy.Sidecar.Configuration;

/// <summary>The listener for operators.</summary>
/// <param name="Listen">Where it listens; <see langword="null"/>: it is off.</param>
/// <param name="Token">What operators have to show, if anything. Always set if other machines can connect.</param>
internal sealed record AdminConfiguration(ListenAddress? Listen, string? Token)
{
    /// <summary>Leaves the token out.</summary>
    public override string ToString() => $"{nameof(AdminConfiguration)} {{ {Listen} }}";
}
