using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.Tests.Commands.Operating.Connections;

public sealed class AdminClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public async Task An_answer_is_handed_on_as_it_came(int status)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/nodes", """{"nodes": [ ] }""", status);
        await using AdminClient client = new(admin.Address, "secret");

        using JsonDocument answer = await client.AskAsync("nodes", [], Stop);

        Assert.Equal("""{"nodes": [ ] }""", answer.RootElement.GetRawText());
        Assert.Equal("Bearer secret", admin.LastAuthorization);
    }

    [Theory]
    [InlineData(400, """{"code":"invalid-rule","path":"$.limit","detail":"is no number"}""", 1, "invalid-rule at $.limit: is no number")]
    [InlineData(404, """{"code":"unknown-rule","path":"$","detail":"no rule x"}""", 1, "unknown-rule: no rule x")]
    [InlineData(409, """{"code":"conflict","detail":"d"}""", 1, "conflict: d")]
    [InlineData(412, """{"code":"stale-revision","detail":"it is 9"}""", 3, "stale-revision: it is 9")]
    [InlineData(503, """{"code":"unavailable","detail":"d"}""", 2, "unavailable: d")]
    [InlineData(400, """{"code":"new-code"}""", 1, "new-code: -")]
    [InlineData(
        400,
        """{"code":"invalid-rule","detail":"2 errors","errors":[{"code":"a","path":"$.x","message":"m"},{"path":"$.y\u001b","message":"n\n"}]}""",
        1,
        "a at $.x: m\ninvalid-rule at $.y\uFFFD: n\uFFFD")]
    public async Task An_error_has_its_words_and_its_exit_code(int status, string body, int exitCode, string message)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", body, status);
        await using AdminClient client = new(admin.Address, null);

        RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => client.AskAsync("rules.list", [], Stop));

        Assert.Equal(message, e.Message);
        Assert.Equal(exitCode, e.ExitCode);
        Assert.Equal(body, e.Answer);
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(500, "<html>")]
    [InlineData(400, "[]")]
    [InlineData(400, """{"code":5}""")]
    public async Task An_error_without_code_is_of_another_server(int status, string body)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", body, status);
        await using AdminClient client = new(admin.Address, null);

        AdminException e = await Assert.ThrowsAsync<AdminException>(() => client.AskAsync("rules.list", [], Stop));

        Assert.EndsWith($"answered {status} to GET /api/v1/rules; is it the admin listener of a sidecar of this version?", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, e.ExitCode);
    }

    [Fact]
    public async Task Another_json_than_an_object_is_no_answer()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", "[]");
        await using AdminClient client = new(admin.Address, null);

        AdminException e = await Assert.ThrowsAsync<AdminException>(() => client.AskAsync("rules.list", [], Stop));

        Assert.Contains("answered something else than JSON", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_goes_with_an_authority_and_a_certificate_of_ones_own()
    {
        using TestCertificateAuthority authority = new();
        using X509Certificate2 server = authority.Issue("127.0.0.1");
        (string certificate, string key) = authority.IssueFiles("operator");
        await using StandInAdmin admin = await StandInAdmin.StartAsync(server);
        admin.Answer("GET /api/v1/nodes", "{}");

        CommandRun run = await CommandRun.OfAsync(
            "nodes", "--json", "--admin", admin.Address, "--ca", authority.PemFile, "--cert", certificate, "--cert-key", key);

        Assert.Equal((0, "{}\n", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Equal("CN=operator", admin.LastClientCertificate);
    }

    [Fact]
    public async Task Https_of_somebody_else_is_not_trusted()
    {
        using TestCertificateAuthority authority = new();
        using TestCertificateAuthority other = new();
        using X509Certificate2 server = other.Issue("127.0.0.1");
        await using StandInAdmin admin = await StandInAdmin.StartAsync(server);

        CommandRun run = await CommandRun.OfAsync("nodes", "--admin", admin.Address, "--ca", authority.PemFile);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"meliproxy: cannot reach {admin.Address}: ", run.Errors, StringComparison.Ordinal);
        Assert.Empty(admin.Requests);
    }

    [Fact]
    public async Task Files_that_hold_no_certificate_are_named()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("empty.pem", "nothing");

        CommandRun run = await CommandRun.OfAsync("nodes", "--admin", "https://127.0.0.1:1", "--ca", file);

        Assert.Equal((1, $"meliproxy: --ca {file}: there is no certificate in it\n"), (run.ExitCode, run.Errors));
    }
}
