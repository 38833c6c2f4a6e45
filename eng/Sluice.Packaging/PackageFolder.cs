namespace Sluice.Packaging;

/// <summary>A folder of packages that were built together.</summary>
internal static class PackageFolder
{
    /// <summary>Checks each package in a folder, and prints what it contains and what is wrong with it.</summary>
    /// <returns>The exit code: 0, or 1 if a package is not as it should be.</returns>
    public static int Check(string folder)
    {
        List<Package> packages = [.. Directory.EnumerateFiles(folder, "*.nupkg").Order(StringComparer.Ordinal).Select(Package.Open)];
        var problems = new List<string>();
        if (packages.Count == 0)
        {
            problems.Add($"There is no package in {folder}.");
        }

        if (packages.Select(package => package.Version).Distinct().Count() > 1)
        {
            problems.Add("The packages differ in their versions.");
        }

        foreach (Package package in packages)
        {
            Console.WriteLine(package);
            problems.AddRange(PackageRules.Problems(package, packages).Select(problem => $"{package.Id}: {problem}"));
        }

        foreach (string problem in problems)
        {
            Console.Error.WriteLine($"error: {problem}");
        }

        return problems.Count == 0 ? 0 : 1;
    }
}
