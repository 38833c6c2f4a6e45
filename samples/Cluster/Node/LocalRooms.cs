using System.Collections.Concurrent;
using Cluster.Grains;
using Cluster.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice;

namespace Cluster.Node;

/// <summary>The rooms that clients of this node are in. Renews the node's lease with each of them every second, and so finds what it has missed.</summary>
internal sealed partial class LocalRooms(IMessageStore store, IGrainFactory grains, ILocalSiloDetails silo, ILogger<LocalRooms> logger)
    : BackgroundService, INode
{
    private readonly ConcurrentDictionary<string, LocalRoom> _rooms = [];
    private readonly ConcurrentDictionary<Guid, Connection> _connections = [];

    /// <summary>This node, for grains.</summary>
    public INode Reference => field ??= grains.CreateObjectReference<INode>(this);

    public Guid Add(Connection connection)
    {
        var id = Guid.NewGuid();
        _connections[id] = connection;
        return id;
    }

    public void Remove(Guid id) => _connections.TryRemove(id, out _);

    public async Task JoinAsync(string name, Connection client, long after, CancellationToken cancellationToken)
    {
        LocalRoom room;
        do
        {
            room = _rooms.GetOrAdd(name, static (name, store) => new LocalRoom(name, store), store);
        }
        while (!await room.TryJoinAsync(client, after, cancellationToken));
        _ = RenewAsync(name, room);
    }

    public void Leave(string name, Connection client)
    {
        if (_rooms.TryGetValue(name, out LocalRoom? room))
        {
            room.Leave(client);
        }
    }

    public Task DeliverAsync(string room, Message message) =>
        _rooms.TryGetValue(room, out LocalRoom? local) ? local.DeliverAsync(message) : Task.CompletedTask;

    public Task EndAsync(string session, Guid connection)
    {
        if (_connections.TryRemove(connection, out Connection? former))
        {
            former.Abort();
        }

        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await second.WaitForNextTickAsync(stoppingToken))
        {
            foreach ((string name, LocalRoom room) in _rooms)
            {
                if (room.TryRetire())
                {
                    _rooms.TryRemove(name, out _);
                }
                else if (!room.IsRenewing)
                {
                    _ = RenewAsync(name, room);
                }
            }
        }
    }

    // Never fails: the next attempt comes in a second.
    private async Task RenewAsync(string name, LocalRoom room)
    {
        room.IsRenewing = true;
        try
        {
            await room.FillAsync(await grains.GetGrain<IRoomGrain>(name).SubscribeAsync(Reference, silo.SiloAddress));
        }
        catch (Exception exception)
        {
            LogNotRenewed(name, exception.Message);
        }
        finally
        {
            room.IsRenewing = false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The lease of room {Name} was not renewed: {Reason}")]
    private partial void LogNotRenewed(string name, string reason);
}
