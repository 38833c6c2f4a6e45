using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Scale;

/// <summary>A process of this program: a server or clients.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    public Peer(params string[] arguments)
    {
        string[] self = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(Peer).Assembly.Location] : [];
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. self, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    public int Id => _process.Id;

    public void Tell(string command) => _process.StandardInput.WriteLine(command);

    public long Read() => long.Parse(_process.StandardOutput.ReadLine() ?? throw new IOException("A process has ended."), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
