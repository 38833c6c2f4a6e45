using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests.Shell;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ArgumentFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Arguments_stand_in_lines_and_in_files_that_a_file_names()
    {
        string further = _folder.Write("further", "--loops 3\n");
        string file = _folder.Write("file", $"# where, and to what\r\n127.0.0.1:0 'exec:echo'\r\n\n  # a comment\n \"unix:/with space\" @{further} @{further}\n@");
        ParseResult result = CommandLine.Parse(["relay", $"@{file}", "--quiet"]);
        Assert.That(result.Tokens.Select(token => token.Value), Is.EqualTo(new[] { "relay", "127.0.0.1:0", "'exec:echo'", "unix:/with space", "--loops", "3", "--loops", "3", "@", "--quiet" }));
    }

    [Test]
    public async Task A_folder_ends_the_command_with_one_line()
    {
        string path = Directory.CreateDirectory(_folder.PathOf("folder")).FullName;
        (int exitCode, string output, string errors) = await Cli.RunAsync("relay", $"@{path}");
        Assert.That((exitCode, output, errors), Is.EqualTo((2, "", $"sluice: The file of arguments '{path}' is a folder. Try 'sluice relay --help'.{Environment.NewLine}")));
    }

    [Test]
    public async Task A_file_that_contains_itself_ends_the_command_with_one_line()
    {
        string path = _folder.PathOf("file");
        await File.WriteAllTextAsync(path, $"127.0.0.1:0 localhost:1 @{path}");
        (int exitCode, string output, string errors) = await Cli.RunAsync("relay", $"@{path}");
        Assert.That((exitCode, output, errors), Is.EqualTo((2, "", $"sluice: The file of arguments '{path}' contains itself. Try 'sluice relay --help'.{Environment.NewLine}")));
    }

    [Test]
    public void There_are_bounds()
    {
        AssertError("is not found", _folder.PathOf("nothing"));
        AssertError("is longer than", _folder.Write("long", new string('x', 1_000_000)));
        if (OperatingSystem.IsLinux())
        {
            AssertError("is longer than", "/dev/zero");
        }

        string[] files = [.. Enumerable.Range(0, 101).Select(i => _folder.PathOf(i.ToString(CultureInfo.InvariantCulture)))];
        for (int i = 0; i < files.Length; i++)
        {
            File.WriteAllText(files[i], i + 1 < files.Length ? $"@{files[i + 1]}" : string.Empty);
        }

        AssertError("more than 100 files", files[0]);
        Assert.That(ArgumentFile.TryRead(files[1], out IReadOnlyList<string>? arguments, out _), Is.True);
        Assert.That(arguments, Is.Empty);
    }

    private static void AssertError(string part, string file)
    {
        Assert.That(ArgumentFile.TryRead(file, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain(part));
    }
}
