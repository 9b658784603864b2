// The few calls of MPI that the workbook needs, by names and types that do not depend on which MPI it is: in MPICH a
// communicator is a number, in Open MPI a pointer. Compiled by that MPI's own `mpicc` when it is first wanted, and loaded
// while the program runs; see MPIPlugin.swift. Every function returns 0, or MPI's error code.

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>

// Rises with every change of what stands here; the program asks for it.
int ranks_version(void) { return 1; }

int ranks_begin(int *rank, int *ranks) {
  int provided, error = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (error) return error;
  // Errors are to come back as codes: whoever called says what they mean.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if ((error = MPI_Comm_rank(MPI_COMM_WORLD, rank))) return error;
  return MPI_Comm_size(MPI_COMM_WORLD, ranks);
}

int ranks_library(char *text, long room) {
  char name[MPI_MAX_LIBRARY_VERSION_STRING];
  int length, error = MPI_Get_library_version(name, &length);
  if (error) return error;
  long i = 0;
  for (; i < length && i + 1 < room && name[i] != '\n'; i++) text[i] = name[i];
  text[i] = 0;
  return 0;
}

int ranks_error(int code, char *text, long room) {
  char message[MPI_MAX_ERROR_STRING];
  int length, error = MPI_Error_string(code, message, &length);
  if (error) return error;
  long i = 0;
  for (; i < length && i + 1 < room; i++) text[i] = message[i];
  text[i] = 0;
  return 0;
}

// Counts are `int` in MPI 3: what is longer goes in pieces.
static int piece(long rest) { return rest > 1 << 28 ? 1 << 28 : (int)rest; }

int ranks_sum(float *x, long count) {
  for (long done = 0; done < count; done += piece(count - done)) {
    int error = MPI_Allreduce(MPI_IN_PLACE, x + done, piece(count - done), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    if (error) return error;
  }
  return 0;
}

// A sum under way. The caller keeps to `count <= INT_MAX`.
int ranks_sum_start(float *x, long count, void **pending) {
  if (count > INT_MAX) return MPI_ERR_COUNT;
  MPI_Request *request = malloc(sizeof *request);
  if (!request) return MPI_ERR_NO_MEM;
  *pending = request;
  return MPI_Iallreduce(MPI_IN_PLACE, x, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, request);
}

int ranks_sum_test(void *pending, int *done) { return MPI_Test(pending, done, MPI_STATUS_IGNORE); }

int ranks_sum_wait(void *pending) {
  int error = MPI_Wait(pending, MPI_STATUS_IGNORE);
  free(pending);
  return error;
}

int ranks_broadcast(float *x, long count, int root) {
  for (long done = 0; done < count; done += piece(count - done)) {
    int error = MPI_Bcast(x + done, piece(count - done), MPI_FLOAT, root, MPI_COMM_WORLD);
    if (error) return error;
  }
  return 0;
}

// So many bytes of each rank; `all` has room for those of all.
int ranks_gather(const void *mine, long count, void *all) {
  if (count > INT_MAX) return MPI_ERR_COUNT;
  return MPI_Allgather(mine, (int)count, MPI_BYTE, all, (int)count, MPI_BYTE, MPI_COMM_WORLD);
}

int ranks_barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

int ranks_end(void) { return MPI_Finalize(); }

// Ends all ranks at once.
int ranks_abort(int code) { return MPI_Abort(MPI_COMM_WORLD, code); }
