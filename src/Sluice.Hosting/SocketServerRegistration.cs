namespace Sluice.Hosting;

/// <summary>The name and the handlers of a server.</summary>
internal sealed class SocketServerRegistration(string name)
{
    public string Name { get; } = name;

    /// <summary>Whether the server has begun to start, with valid options: it judges later ones itself.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Whether the server answers health checks, and so stops after all other services.</summary>
    public bool StopsLast { get; set; }

    public Func<IServiceProvider, Connection, CancellationToken, Task>? Connections { get; set; }

    public Func<IServiceProvider, DatagramSocket, CancellationToken, Task>? Datagrams { get; set; }
}
