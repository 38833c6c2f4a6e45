namespace Sluice;

/// <summary>The process at the other end of a Unix domain socket, as the system reports it.</summary>
/// <param name="ProcessId">The process id; 0 if the process is in a namespace that this one does not see (pid_namespaces(7)).</param>
/// <param name="UserId">The effective user id of the process.</param>
/// <param name="GroupId">The effective group id of the process.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId);
