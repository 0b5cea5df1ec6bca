using MeliProxy.Packages.Tests.Infrastructure;
using MeliProxy.Packages.Tests.Snippets;

namespace MeliProxy.Packages.Tests;

public sealed class SnippetTests(UserPrograms programs)
{
    public static TheoryData<string> Pages => [.. SnippetProjects.Pages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_snippet_of_a_page_compiles_without_warning(string page) =>
        programs.AssertNoComplaintAbout($"{Repository.PathOf(page)}(");

    [Theory]
    [InlineData("snippets")]
    [InlineData("web-snippets")]
    public void All_snippets_were_compiled(string project)
    {
        programs.AssertNoComplaintAbout($"/{project}.csproj");
        programs.PublishedFile(project, $"{project}.dll");
    }

    [Fact]
    public void The_front_pages_have_snippets()
    {
        Assert.Contains("README.md", SnippetProjects.Pages);
        Assert.Contains(Path.Combine("src", "MeliProxy.RateLimiting", "README.md"), SnippetProjects.Pages);
        Assert.Contains(Path.Combine("src", "MeliProxy.RateLimiting.AspNetCore", "README.md"), SnippetProjects.Pages);
    }
}
