namespace Sluice;

/// <summary>Who is at the other end of a Unix domain socket, as the system says.</summary>
/// <param name="ProcessId">The process; 0 if it is in a namespace that this one does not see (pid_namespaces(7)).</param>
/// <param name="UserId">Its effective user.</param>
/// <param name="GroupId">Its effective group.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId);
