namespace MeliProxy.Sidecar.Configuration;

/// <summary>How a sidecar authenticates to NATS servers; at most one of the ways is given.</summary>
internal sealed record SharingLogin(string? User, string? Password, string? Token, string? NKeySeedFile, string? CredentialsFile)
{
    public override string ToString() => this switch
    {
        { User: not null } => "user",
        { Token: not null } => "token",
        { NKeySeedFile: not null } => "nkey",
        { CredentialsFile: not null } => "credentials file",
        _ => "none",
    };
}
