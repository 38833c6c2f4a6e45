using System.Diagnostics;

namespace Sluice.Faults.Kit;

/// <summary>This program in a process of its own. It begins with a line that says it is ready, answers each line with a line, and ends with its standard input.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private Child(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Gets the words after "ready" of its first line.</summary>
    public string[] Ready { get; private set; } = [];

    /// <summary>Waits until the process is ready.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public static async Task<Child> StartAsync(Process process, TimeSpan? patience = null)
    {
        var child = new Child(process);
        try
        {
            string line = await child.ReadAsync(patience);
            child.Ready = line.StartsWith("ready", StringComparison.Ordinal) ? line.Split(' ')[1..] : throw new InvalidOperationException($"A process began with '{line}'.");
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a line, and waits for the answer.</summary>
    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    public async Task<string[]> AskAsync(string line = "")
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return (await ReadAsync()).Split(' ');
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(s_patience);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync(TimeSpan? patience = null) =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(patience ?? s_patience) ?? throw new InvalidOperationException("A process has ended early.");
}
