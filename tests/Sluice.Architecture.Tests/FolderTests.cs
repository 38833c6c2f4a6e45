namespace Sluice.Tests.Architecture;

/// <summary>How large folders and files may grow before they hide what is in them.</summary>
public sealed class FolderTests
{
    private const int MaxFilesInAFolder = 35;
    private const int MaxFilesInTheRoot = 25;
    private const int MaxLinesInAFile = 500;

    private static readonly string s_library = Path.Combine(Repository.Root, "src", "Sluice");

    private static IEnumerable<string> Folders =>
        Directory.EnumerateDirectories(s_library, "*", SearchOption.AllDirectories)
            .Where(folder => !Path.GetRelativePath(s_library, folder).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    [Test]
    public void No_folder_has_too_many_files() =>
        Assert.That(Folders.Where(folder => Directory.GetFiles(folder, "*.cs").Length > MaxFilesInAFolder), Is.Empty);

    [Test]
    public void The_root_holds_what_a_user_starts_with() =>
        Assert.That(Directory.GetFiles(s_library, "*.cs"), Has.Length.LessThanOrEqualTo(MaxFilesInTheRoot));

    [Test]
    public void No_file_is_too_long([Values("src", "tests", "samples", "bench", "docs")] string root) =>
        Assert.That(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, root), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin") && File.ReadLines(file).Count() > MaxLinesInAFile),
            Is.Empty);
}
