using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MeliProxy.Packages.Tests.Snippets;

/// <summary>The snippets of a page that make up one program.</summary>
/// <remarks>
/// A snippet with <c>using MeliProxy.RateLimiting.Rules;</c> begins a program. One without continues the program above it: it may use the
/// types and variables of that program's first snippet, and is a scope of its own. In a snippet come using directives first, then
/// statements, then types, which is the order C# wants. A program that names WebApplication or HttpContext is one of ASP.NET Core.
/// </remarks>
internal sealed partial class SnippetProgram
{
    private const string BeginsProgram = "using MeliProxy.RateLimiting.Rules;";

    private readonly string _page;
    private readonly StringBuilder _usings = new();
    private readonly StringBuilder _statements = new();
    private readonly StringBuilder _types = new();

    private SnippetProgram(string page) => _page = page;

    /// <summary>Whether it needs ASP.NET Core.</summary>
    public bool IsWeb => $"{_usings}{_statements}{_types}" is { } text
        && (text.Contains("WebApplication", StringComparison.Ordinal) || text.Contains("HttpContext", StringComparison.Ordinal));

    /// <summary>Reads the programs of a page in Markdown.</summary>
    public static IReadOnlyList<SnippetProgram> Read(string page)
    {
        List<SnippetProgram> programs = [];
        string[] lines = File.ReadAllLines(page);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() == "```csharp")
            {
                int first = i + 1;
                i = Array.FindIndex(lines, first, line => line.Trim() == "```");
                bool isFirst = programs.Count == 0 || Array.IndexOf(lines, BeginsProgram, first, i - first) >= 0;
                if (isFirst)
                {
                    programs.Add(new SnippetProgram(page));
                }

                programs[^1].Add(lines, first, i, isFirst);
            }
        }

        return programs;
    }

    /// <summary>The program as a file that can be compiled together with others.</summary>
    public string ToSource(string name) => $$"""
        {{_usings}}
        namespace {{name}};

        internal static class Snippet
        {
            public static async Task RunAsync(string[] args)
            {
                await Task.CompletedTask;
        {{_statements}}
            }
        }

        {{_types}}
        """;

    private void Add(string[] lines, int first, int end, bool isFirst)
    {
        int statements = Array.FindIndex(lines, first, end - first, line => line.Length > 0 && !UsingDirective().IsMatch(line));
        statements = statements < 0 ? end : statements;
        int types = Array.FindIndex(lines, statements, end - statements, line => TypeDeclaration().IsMatch(line));
        types = types < 0 ? end : types;
        Copy(lines, first, statements, _usings);

        // What continues a program is in a scope of its own, so that two such snippets can use the same names.
        _statements.AppendLine(isFirst ? "" : "{");
        Copy(lines, statements, types, _statements);
        _statements.AppendLine(isFirst ? "" : "}");
        Copy(lines, types, end, _types);
    }

    private void Copy(string[] lines, int first, int end, StringBuilder text)
    {
        if (end > first)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"#line {first + 1} \"{_page}\"");
            text.AppendJoin('\n', lines[first..end]).AppendLine();
        }
    }

    [GeneratedRegex(@"^using [\w.]+( = [^;]+)?;$")]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"^(\[|((public|internal|file|static|sealed|abstract|readonly|partial|ref) )*(class|record|struct|interface|enum) )")]
    private static partial Regex TypeDeclaration();
}
