using Cluster.Store;

namespace Cluster.Grains;

internal sealed class SessionGrain(IMessageStore store) : Grain, ISessionGrain
{
    private const int MaxRooms = 100;

    private HashSet<string>? _rooms;
    private (INode Node, Guid Connection)? _attached;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string[]? rooms = await store.GetSessionAsync(this.GetPrimaryKeyString());
        _rooms = rooms is null ? null : [.. rooms];
    }

    public async Task<string[]?> AttachAsync(INode node, Guid connection, bool create)
    {
        if (_rooms is null && !create)
        {
            return null;
        }

        // Keeps it for a day from now.
        await SaveAsync(_rooms ?? []);

        // After a crash of its node, the former connection is forgotten. It can do no harm: the store takes each message id once.
        if (_attached is { } former && former.Connection != connection)
        {
            former.Node.EndAsync(this.GetPrimaryKeyString(), former.Connection).Ignore();
        }

        _attached = (node, connection);
        return [.. _rooms!];
    }

    public Task JoinAsync(string room) =>
        _rooms is { } rooms && (rooms.Contains(room) || rooms.Count == MaxRooms) ? Task.CompletedTask : SaveAsync([.. _rooms ?? [], room]);

    public Task LeaveAsync(string room) => SaveAsync([.. (_rooms ?? []).Where(each => each != room)]);

    private async Task SaveAsync(HashSet<string> rooms)
    {
        await store.SetSessionAsync(this.GetPrimaryKeyString(), [.. rooms]);
        _rooms = rooms;
    }
}
