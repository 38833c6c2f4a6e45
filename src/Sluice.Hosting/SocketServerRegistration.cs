namespace Sluice.Hosting;

/// <summary>A server's name, and who handles what comes.</summary>
internal sealed class SocketServerRegistration(string name)
{
    public string Name { get; } = name;

    /// <summary>Whether its options have been taken.</summary>
    public bool IsRunning { get; set; }

    public Func<IServiceProvider, Connection, CancellationToken, Task>? Connections { get; set; }

    public Func<IServiceProvider, DatagramSocket, CancellationToken, Task>? Datagrams { get; set; }
}
