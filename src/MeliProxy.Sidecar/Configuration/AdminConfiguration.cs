namespace MeliProxy.Sidecar.Configuration;

/// <summary>The listener for operators.</summary>
/// <param name="Listen">Where it listens; <see langword="null"/>: it is off.</param>
/// <param name="Tokens">What operators may show, by the name that the record of changes has; none: nothing is asked for.</param>
/// <param name="Tls">Its certificate; there is one if it listens on https.</param>
/// <param name="ClientCertificateAuthority">A PEM file with those who issue operators' certificates; <see langword="null"/>: none is asked for.</param>
/// <param name="AllowAnonymous">Whether other machines may connect though nothing is asked for.</param>
internal sealed record AdminConfiguration(
    ListenAddress? Listen,
    IReadOnlyDictionary<string, string> Tokens,
    TlsConfiguration? Tls,
    string? ClientCertificateAuthority,
    bool AllowAnonymous)
{
    /// <summary>The name of the token that has none of its own.</summary>
    public const string DefaultName = "admin";

    public bool Equals(AdminConfiguration? other) =>
        other is not null
        && Listen == other.Listen
        && Tls == other.Tls
        && ClientCertificateAuthority == other.ClientCertificateAuthority
        && AllowAnonymous == other.AllowAnonymous
        && Tokens.Count == other.Tokens.Count
        && Tokens.All(token => other.Tokens.TryGetValue(token.Key, out string? value) && value == token.Value);

    public override int GetHashCode() => HashCode.Combine(Listen, Tls, ClientCertificateAuthority, AllowAnonymous, Tokens.Count);

    /// <summary>Leaves the tokens out.</summary>
    public override string ToString() => $"{nameof(AdminConfiguration)} {{ {Listen} }}";
}
