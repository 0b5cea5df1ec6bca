using MeliProxy.Sidecar.Configuration;
using NATS.Client.Core;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>What the NATS client is told of servers, authentication and certificates.</summary>
internal static class NatsLogin
{
    public static NatsOpts ToOptions(SharingConfiguration sharing) => NatsOpts.Default with
    {
        Url = sharing.Nats.Urls,
        Name = sharing.Node is null ? "MeliProxy" : $"MeliProxy {sharing.Node}",
        AuthOpts = new NatsAuthOpts
        {
            Username = sharing.Login.User,
            Password = sharing.Login.Password,
            Token = sharing.Login.Token,
            NKeyFile = sharing.Login.NKeySeedFile,
            CredsFile = sharing.Login.CredentialsFile,
        },
        TlsOpts = new NatsTlsOpts
        {
            CaFile = sharing.Certificates.Authority,
            CertFile = sharing.Certificates.Certificate,
            KeyFile = sharing.Certificates.Key,
        },
    };
}
