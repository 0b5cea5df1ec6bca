using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class CertificateFileTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public CertificateFileTests()
    {
        _certificate = new CertificateRequest("CN=test", _key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        Write("cert.pem", _certificate.ExportCertificatePem());
        Write("key.pem", _key.ExportPkcs8PrivateKeyPem());
        Write("both.pem", _certificate.ExportCertificatePem() + "\n" + _key.ExportPkcs8PrivateKeyPem());
        Write("encrypted.pem", _key.ExportEncryptedPkcs8PrivateKeyPem(
            "hunter2", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        _folder.Write("cert.pfx", _certificate.Export(X509ContentType.Pkcs12, "hunter2"));
        Write("junk.pem", "junk");
    }

    [Theory]
    [InlineData("""{ "certificate": "cert.pem", "key": "key.pem" }""")]
    [InlineData("""{ "certificate": "both.pem" }""")]
    [InlineData("""{ "certificate": "cert.pem", "key": "encrypted.pem", "password": "hunter2" }""")]
    [InlineData("""{ "certificate": "cert.pfx", "password": "hunter2" }""")]
    public void A_certificate_is_found_beside_the_configuration_file_and_loads(string tls)
    {
        ConfigurationResult result = Load(tls);

        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        using X509Certificate2 loaded = result.Configuration!.Tls!.LoadCertificate();
        Assert.Equal(_certificate.Thumbprint, loaded.Thumbprint);
        Assert.True(loaded.HasPrivateKey);
        Assert.Equal(_certificate.Thumbprint, Assert.Single(result.Configuration.Tls.LoadChain()).Thumbprint);
    }

    [Theory]
    [InlineData("""{ }""", "$.tls: 'certificate' is missing")]
    [InlineData("""{ "certificate": "absent.pem" }""", "$.tls.certificate: there is no file '")]
    [InlineData("""{ "certificate": "cert.pem", "key": "absent.pem" }""", "$.tls.key: there is no file '")]
    [InlineData("""{ "certificate": "cert.pem" }""", "$.tls.certificate: the files do not hold a certificate and its private key, or the key is encrypted")]
    [InlineData("""{ "certificate": "junk.pem", "key": "key.pem" }""", "$.tls.certificate: the files do not hold")]
    [InlineData("""{ "certificate": "cert.pem", "key": "encrypted.pem" }""", "$.tls.certificate: the files do not hold")]
    [InlineData("""{ "certificate": "cert.pem", "key": "encrypted.pem", "password": "wr0ng" }""", "$.tls.certificate: the files do not hold a certificate and its private key, or tls.password is wrong")]
    [InlineData("""{ "certificate": "cert.pfx", "password": "wr0ng" }""", "$.tls.certificate: the files do not hold")]
    [InlineData("""{ "certificate": "cert.pfx", "key": "key.pem", "password": "hunter2" }""", "$.tls.key: must not be set")]
    public void What_is_wrong_with_a_certificate_is_named(string tls, string error)
    {
        string only = Assert.Single(Load(tls).Errors).ToString();

        Assert.StartsWith($"meliproxy.json:2: {error}", only, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", only, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_nothing_uses_is_warned_of() =>
        Assert.Equal(
            "meliproxy.json:1: $.tls: is not used: nothing listens on https",
            Assert.Single(_folder.LoadHere("""{ "tls": { "certificate": "both.pem" } }""").Warnings).ToString());

    [Fact]
    public void A_certificate_authority_is_a_PEM_file()
    {
        Assert.Equal(
            Path.Combine(_folder.Path, "cert.pem"),
            _folder.LoadHere("""{ "forwarding": { "certificateAuthority": "cert.pem" } }""").Configuration!.Forwarding.CertificateAuthority);
        Assert.EndsWith(
            "holds no certificate in PEM form",
            Assert.Single(_folder.LoadHere("""{ "forwarding": { "certificateAuthority": "junk.pem" } }""").Errors).Message,
            StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    private ConfigurationResult Load(string tls) =>
        _folder.LoadHere($$"""
            { "listen": "https://127.0.0.1:0",
              "tls": {{tls}} }
            """);

    private void Write(string name, string text) => _folder.Write(name, Encoding.ASCII.GetBytes(text));
}
