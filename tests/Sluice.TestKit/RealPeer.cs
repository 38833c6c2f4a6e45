using System.Diagnostics;

namespace Sluice.TestKit;

/// <summary>A program of another project that a test talks to. Ended with the test.</summary>
internal sealed class RealPeer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private RealPeer(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Where a program is. The test is skipped where it is not installed.</summary>
    public static string Find(string program)
    {
        string path = $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin{Path.PathSeparator}/sbin";
        string? found = path.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Assert.Ignore($"{program} is not installed; .ci/peers does that on Debian.");
        }

        return found;
    }

    /// <summary>Starts it. The test is skipped where it is not installed.</summary>
    public static RealPeer Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new RealPeer(Process.Start(start)!);
    }

    /// <summary>Runs it to its end, which has to be a success.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using RealPeer peer = Start(program, arguments);
        peer.Input.Close();
        return await peer.WaitForSuccessAsync();
    }

    /// <summary>Waits for its end, which has to be a success. What it printed.</summary>
    public async Task<string> WaitForSuccessAsync()
    {
        await _process.WaitForExitAsync().Soon();
        string output = await _output;
        Assert.That(_process.ExitCode, Is.Zero, $"{_process.StartInfo.FileName}: {await _errors}{output}");
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync().Soon();
        _process.Dispose();
    }
}
