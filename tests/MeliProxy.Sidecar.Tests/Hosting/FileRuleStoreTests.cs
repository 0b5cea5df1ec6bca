using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Hosting.Rules;
using MeliProxy.Sidecar.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.Tests.Hosting;

public sealed class FileRuleStoreTests : IDisposable
{
    private static readonly CommandOrigin Origin = new("test", "ann");
    private readonly ConfigurationFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly List<IDisposable> _used = [];

    private string File => Path.Combine(_folder.Path, "rules.json");

    [Fact]
    public async Task A_change_survives_and_what_only_the_configuration_says_is_not_written()
    {
        (FileRuleStore store, RuleControl control) = Open(1);
        await control.ImportAsync(Rules(2), TestContext.Current.CancellationToken);
        Assert.Equal(2, Limit(store));
        Assert.False(System.IO.File.Exists(File));
        await PutAsync(control, 7);
        Assert.True(System.IO.File.Exists(File));

        (store, _) = Open(2);
        Assert.Equal((7, 3), (Limit(store), store.Document.Revision));
        Assert.Equal(["rules.json", "rules.json.lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Several_processes_may_have_the_same_file()
    {
        (FileRuleStore ann, RuleControl annControl) = Open(1);
        (FileRuleStore bob, RuleControl bobControl) = Open(1);
        await PutAsync(annControl, 7);
        Assert.Equal(1, Limit(bob));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, Limit(bob));
        await PutAsync(bobControl, 8);

        // Ann has not looked since; the change goes on top of Bob's all the same.
        await PutAsync(annControl, 9);
        Assert.Equal(4, ann.Document.Revision);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(9, Limit(bob));
    }

    [Fact]
    public void A_file_that_is_no_document_is_put_aside()
    {
        _folder.Write("rules.json", "garbage"u8.ToArray());
        (FileRuleStore store, _) = Open(1);
        Assert.Equal(1, Limit(store));
        Assert.True(System.IO.File.Exists(File + ".bad"));
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_changes_nothing_and_says_so()
    {
        (FileRuleStore store, RuleControl control) = Open(1, Path.Combine(_folder.Path, "nowhere", "rules.json"));
        CommandReply reply = await control.RunAsync("rules.delete", """{"name":"r"}"""u8.ToArray(), Origin, TestContext.Current.CancellationToken);
        Assert.Equal("unavailable", reply.Code);
        Assert.Contains("nowhere", reply.Errors[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, Limit(store));
    }

    [Fact]
    public async Task A_check_tells_which_of_file_and_configuration_wins()
    {
        SidecarConfiguration configuration = Configuration(1);
        Assert.Null(RuleFileNote.Of(configuration));
        (_, RuleControl control) = Open(1);
        await PutAsync(control, 7);
        Assert.Contains("those of " + File + " win, revision 2, which differs in: rule r changed", RuleFileNote.Of(configuration), StringComparison.Ordinal);
        Assert.Contains("they win over " + File, RuleFileNote.Of(Configuration(3)), StringComparison.Ordinal);
        Assert.Null(RuleFileNote.Of(Configuration(7)));
        System.IO.File.WriteAllText(File, "x");
        Assert.Contains("cannot be read", RuleFileNote.Of(configuration), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _used.ForEach(used => used.Dispose());
        _folder.Dispose();
    }

    private static RuleSet Rules(long limit) =>
        new([new RateLimitRule { Name = "r", Key = ["path"], Limit = limit, Window = TimeSpan.FromSeconds(1) }]);

    private static long Limit(FileRuleStore store) => Assert.Single(store.Document.Rules).Limit;

    private static async Task PutAsync(RuleControl control, long limit)
    {
        CommandReply reply = await control.RunAsync(
            "rules.put",
            System.Text.Encoding.UTF8.GetBytes($$"""{"name":"r","key":["path"],"limit":{{limit}},"window":"1s"}"""),
            Origin,
            TestContext.Current.CancellationToken);
        Assert.Null(reply.Code);
    }

    private SidecarConfiguration Configuration(long limit) => ConfigurationFolder.LoadValid(
        $$"""{ "rules": [ { "name": "r", "key": ["path"], "limit": {{limit}}, "window": "1s" } ], "rulesFile": "{{File}}" }""");

    private (FileRuleStore Store, RuleControl Control) Open(long limit, string? file = null)
    {
        FileRuleStore store = new(new RuleFile(file ?? File), RuleDocument.Begin(Rules(limit), _time.GetUtcNow()), _time, NullLogger.Instance);
        RuleControl control = new(new RuleControlOptions { Store = store, Apply = _ => { }, TimeProvider = _time });
        _used.Add(control);
        _used.Add(store);
        return (store, control);
    }
}
