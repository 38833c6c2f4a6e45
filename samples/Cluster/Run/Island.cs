using System.Diagnostics;

namespace Cluster.Run;

/// <summary>A network namespace with one wire to this one, which can be cut. Needs root and the program ip.</summary>
internal sealed class Island : IAsyncDisposable
{
    private readonly string _name = $"sluice{Environment.ProcessId}";
    private readonly string _subnet = $"10.213.{Environment.ProcessId % 250}";

    private string Wire => $"{_name}w"[^10..];

    /// <summary>The address at this end of the wire.</summary>
    public string MainAddress => $"{_subnet}.1";

    /// <summary>The address at the other end.</summary>
    public string Address => $"{_subnet}.2";

    /// <summary>Creates the namespace.</summary>
    /// <exception cref="PlatformNotSupportedException">That cannot be done here.</exception>
    public static async Task<Island> CreateAsync()
    {
        var island = new Island();
        try
        {
            await island.RunAsync($"netns add {island._name}");
            await island.RunAsync($"link add {island.Wire} type veth peer name {island.Wire}i netns {island._name}");
            await island.RunAsync($"addr add {island.MainAddress}/24 dev {island.Wire}");
            await island.RunAsync($"link set {island.Wire} up");
            await island.RunAsync($"-n {island._name} addr add {island.Address}/24 dev {island.Wire}i");
            await island.RunAsync($"-n {island._name} link set {island.Wire}i up");
            await island.RunAsync($"-n {island._name} link set lo up");
            return island;
        }
        catch
        {
            await island.DisposeAsync();
            throw;
        }
    }

    /// <summary>A command that runs a program in the namespace.</summary>
    public string[] Command(string[] command) => ["ip", "netns", "exec", _name, .. command];

    public Task CutAsync() => RunAsync($"link set {Wire} down");

    public Task MendAsync() => RunAsync($"link set {Wire} up");

    public async ValueTask DisposeAsync()
    {
        try
        {
            // The wire goes with it.
            await RunAsync($"netns delete {_name}");
        }
        catch (PlatformNotSupportedException)
        {
            // It was never there.
        }
    }

    private async Task RunAsync(string arguments)
    {
        using Process? ip = Environment.IsPrivilegedProcess && OperatingSystem.IsLinux()
            ? Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"PATH=$PATH:/usr/sbin:/sbin ip {arguments} 2>/dev/null"]))
            : null;
        await (ip?.WaitForExitAsync() ?? Task.CompletedTask);
        if (ip?.ExitCode != 0)
        {
            throw new PlatformNotSupportedException($"A network namespace needs root, on Linux, and the program ip: ip {arguments} failed.");
        }
    }
}
