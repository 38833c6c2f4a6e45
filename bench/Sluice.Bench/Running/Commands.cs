namespace Sluice.Bench.Running;

/// <summary>Creates command lines.</summary>
internal static class Commands
{
    /// <summary>Runs this program with other arguments.</summary>
    public static string[] ThisProgram(params string[] arguments) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, typeof(Commands).Assembly.Location, .. arguments]
            : [Environment.ProcessPath!, .. arguments];

    /// <summary>Runs the <c>sluice</c> command.</summary>
    public static string[] Sluice(params string[] arguments) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "sluice", "Sluice.Cli.dll"), .. arguments];
}
