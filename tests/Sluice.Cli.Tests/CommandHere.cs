using System.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests;

/// <summary>
/// The command in the process of the test, for tests of what it does and not of its process: a process of its own uses most of its time to begin.
/// </summary>
internal static class CommandHere
{
    private static readonly AsyncLocal<TextWriter?> s_output = new();
    private static readonly AsyncLocal<TextWriter?> s_errors = new();

    static CommandHere()
    {
        TextWriter output = Console.Out;
        TextWriter errors = Console.Error;
        Console.SetOut(new LineWriter(() => new LocalWriter(s_output, output)));
        Console.SetError(new LineWriter(() => new LocalWriter(s_errors, errors)));
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Task<int> running = Task.Factory.StartNew(
            () =>
            {
                s_output.Value = TextWriter.Synchronized(output);
                s_errors.Value = TextWriter.Synchronized(errors);
                return Run(arguments);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        int exitCode = await running.Soon($"the end of 'sluice {string.Join(' ', arguments)}'");
        await TestContext.Out.WriteLineAsync($"'sluice {string.Join(' ', arguments)}' ended with {exitCode}. It printed: {output}");
        await TestContext.Out.WriteLineAsync($"And on stderr: {errors}");
        return (exitCode, output.ToString(), errors.ToString());
    }

    // As the program does it, but that it does not take the standard output of the process.
    private static int Run(string[] arguments)
    {
        ParseResult result = CommandLine.Parse(arguments);
        return CommandLine.ErrorOf(result) is { } error
            ? Failures.Report(error, ExitCodes.Usage)
            : Failures.ReportAsync(() => result.InvokeAsync(CommandLine.Configuration)).GetAwaiter().GetResult();
    }
}
