namespace Sluice.Bench.Running;

/// <summary>Command lines.</summary>
internal static class Commands
{
    /// <summary>This program again.</summary>
    public static string[] ThisProgram(params string[] arguments) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, typeof(Commands).Assembly.Location, .. arguments]
            : [Environment.ProcessPath!, .. arguments];

    /// <summary>The <c>sluice</c> command.</summary>
    public static string[] Sluice(params string[] arguments) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "sluice", "Sluice.Cli.dll"), .. arguments];
}
